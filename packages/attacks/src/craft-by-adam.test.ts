// PGD with Adam's steps against the same steps computed one pixel at a time.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { crossEntropy } from './attack-loss.ts';
import { craftByAdam } from './craft-by-adam.ts';
import { type GoldenNetwork, goldenNetwork } from './golden-network.ts';
import { inputGradient } from './input-gradient.ts';

let net: GoldenNetwork;

beforeAll(async () => {
  await tf.setBackend('cpu');
  net = goldenNetwork();
});

it('steps by 0.1, then by 0.01, along Adam’s direction, and stays in the ball', () => {
  const { logits, images, oneHot, noise } = net;
  const [epsilon, steps] = [0.25, 4];
  const clean = images.dataSync();
  const inside = (value: number, i: number) => Math.min(Math.max(value, clean[i] - epsilon, 0), clean[i] + epsilon, 1);
  let point = Float64Array.from(noise.dataSync(), (value, i) => inside(clean[i] + value, i));
  const [mean, square] = [new Float64Array(point.length), new Float64Array(point.length)];
  for (let step = 1; step <= steps; step++) {
    const at = tf.tensor4d(Float32Array.from(point), images.shape);
    const gradient = inputGradient(logits, crossEntropy, at, oneHot).dataSync();
    point = point.map((value, i) => {
      mean[i] = 0.9 * mean[i] + 0.1 * gradient[i];
      square[i] = 0.999 * square[i] + 0.001 * gradient[i] ** 2;
      const direction = mean[i] / (1 - 0.9 ** step) / (Math.sqrt(square[i] / (1 - 0.999 ** step)) + 1e-9);
      return inside(value + (step <= 2 ? 0.1 : 0.01) * direction, i);
    });
  }
  const before = tf.memory().numTensors;
  const found = craftByAdam({ logits, images, oneHot, epsilon, steps, start: noise });
  expect(tf.memory().numTensors).toBe(before + 1);
  found.dataSync().forEach((value, i) => expect(value).toBeCloseTo(point[i], 4));
});

it('returns the images at epsilon 0 and without steps', () => {
  const { logits, images, oneHot, noise } = net;
  for (const options of [
    { epsilon: 0, steps: 3, start: noise },
    { epsilon: 0.1, steps: 0, start: 'zero' },
  ] as const) {
    expect(craftByAdam({ logits, images, oneHot, ...options }).dataSync()).toEqual(images.dataSync());
  }
});
