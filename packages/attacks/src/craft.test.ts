// Attacks against the trajectories that PyTorch computed, and the promises that hold for any model.
import { readFileSync } from 'node:fs';
import { attackStream, TorchGenerator } from '@reseed/rng';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AttackLoss, crossEntropy, cwMargin } from './attack-loss.ts';
import { craft } from './craft.ts';
import { inputGradient, type Logits } from './input-gradient.ts';
import { fillUniformNoise } from './uniform-noise.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/training_math.json', import.meta.url), 'utf8'));
const { D, C, B, hidden } = golden.net as { D: number; C: number; B: number; hidden: number };
const PGD = 'pgd_linf eps=.1 alpha=.04 start=clip(x+delta0)';

let logits: Logits;
let images: tf.Tensor4D;
let oneHot: tf.Tensor2D;
let noise: tf.Tensor4D;

beforeAll(async () => {
  await tf.setBackend('cpu');
  const w1 = tf.tensor2d(golden.net.W1, [hidden, D]);
  const w2 = tf.tensor2d(golden.net.W2, [C, hidden]);
  const b1 = tf.tensor1d(golden.net.b1);
  const b2 = tf.tensor1d(golden.net.b2);
  logits = (x) => {
    const flat = tf.reshape(x, [x.shape[0], -1]) as tf.Tensor2D;
    const activations = tf.relu(tf.add(tf.matMul(flat, w1, false, true), b1)) as tf.Tensor2D;
    return tf.add(tf.matMul(activations, w2, false, true), b2);
  };
  images = tf.tensor4d(golden.x, [B, 1, D, 1]);
  noise = tf.tensor4d(golden.delta0, [B, 1, D, 1]);
  oneHot = tf.oneHot(golden.y as number[], C, 1, 0, 'float32') as tf.Tensor2D;
});

function expectClose(actual: tf.Tensor, expected: readonly number[]): void {
  const values = actual.dataSync();
  expect(values.length).toBe(expected.length);
  expect(Math.max(...expected.map((value, i) => Math.abs(value - values[i])))).toBeLessThan(1e-5);
}

describe('golden vectors of PyTorch', () => {
  it.each<[string, AttackLoss]>([
    ['grad_ce', crossEntropy],
    ['grad_cw', cwMargin],
  ])('%s', (name, loss) => {
    expectClose(inputGradient(logits, loss, images, oneHot), golden[name]);
  });

  it('FGSM is one step from the image', () => {
    const adversarial = craft({ logits, images, oneHot, epsilon: 0.1, stepSize: 0.1, steps: 1, start: 'zero' });
    expectClose(adversarial, golden['fgsm eps=.1']);
  });

  it.each<[string, AttackLoss]>([
    ['ce_3steps', crossEntropy],
    ['cw_3steps', cwMargin],
  ])('PGD %s, every iterate', (name, loss) => {
    for (const steps of [1, 2, 3]) {
      const adversarial = craft({ logits, images, oneHot, epsilon: 0.1, stepSize: 0.04, steps, start: noise, loss });
      expectClose(adversarial, golden[PGD][name][steps - 1]);
    }
  });
});

describe('craft', () => {
  it('returns the images, bit for bit, at epsilon 0', () => {
    const adversarial = craft({ logits, images, oneHot, epsilon: 0, stepSize: 0.04, steps: 3, start: noise });
    expect(adversarial.dataSync()).toEqual(images.dataSync());
    const untouched = craft({ logits, images, oneHot, epsilon: 0.1, stepSize: 0.04, steps: 0, start: 'zero' });
    expect(untouched.dataSync()).toEqual(images.dataSync());
  });

  it('never leaves the epsilon ball or [0, 1]', () => {
    for (const seed of [1, 2, 3]) {
      const random = new TorchGenerator(seed);
      const pixels = random.fillUniform(new Float32Array(B * D), 0, 1).map((v) => (v < 0.2 ? 0 : v > 0.8 ? 1 : v));
      const x = tf.tensor4d(pixels, [B, 1, D, 1]);
      for (const epsilon of [0.01, 0.3, 1]) {
        const start = tf.tensor4d(random.fillUniform(new Float32Array(B * D), -epsilon, epsilon), [B, 1, D, 1]);
        const result = craft({ logits, images: x, oneHot, epsilon, stepSize: epsilon, steps: 4, start }).dataSync();
        for (let i = 0; i < pixels.length; i++) {
          expect(Math.abs(result[i] - pixels[i]), `seed ${seed}`).toBeLessThanOrEqual(epsilon + 2 ** -24);
          expect(result[i]).toBeGreaterThanOrEqual(0);
          expect(result[i]).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  it('leaves one tensor behind: the result', () => {
    const before = tf.memory().numTensors;
    for (const start of ['zero', noise] as const) {
      craft({ logits, images, oneHot, epsilon: 0.1, stepSize: 0.04, steps: 3, start }).dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('fillUniformNoise', () => {
  it('draws in PyTorch’s order (n, C, H, W) whatever the layout in memory', () => {
    const [images, height, width, channels] = [2, 3, 4, 3];
    const drawn = attackStream(7, 1, 2, 0).fillUniform(new Float32Array(images * height * width * channels), -0.1, 0.1);
    const noise = new Float32Array(drawn.length);
    fillUniformNoise(attackStream(7, 1, 2, 0), noise, [height, width, channels], 0.1);
    for (let n = 0; n < images; n++)
      for (let c = 0; c < channels; c++)
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const nchw = ((n * channels + c) * height + y) * width + x;
            const nhwc = ((n * height + y) * width + x) * channels + c;
            expect(noise[nhwc]).toBe(drawn[nchw]);
          }
  });

  it('is the stream itself for grey images', () => {
    const noise = new Float32Array(2 * 4);
    fillUniformNoise(attackStream(7, 0, 0, 0), noise, [2, 2, 1], 0.1);
    expect(noise).toEqual(attackStream(7, 0, 0, 0).fillUniform(new Float32Array(8), -0.1, 0.1));
  });
});
