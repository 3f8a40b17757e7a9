// Where the attack of a training batch starts, and that it stays in its ball, for both norms and every start.
import {
  craftByAdam,
  crossEntropy,
  fillL2Noise,
  fillNormalNoise,
  fillUniformNoise,
  inputGradient,
} from '@reseed/attacks';
import type { Condition } from '@reseed/experiment';
import { getModel } from '@reseed/models';
import { attackNormalStream, attackStream } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { craftExamples } from './craft-examples.ts';
import { oneHotOf, smallSpec } from './recorded-run.ts';

beforeAll(() => openBackend({ device: 'cpu' }));

const model = getModel('tiny-cnn');
const place = { epoch: 2, batch: 3 };
const SHAPE = [28, 28, 1] as const;
/** Far from 0 and 1, so that no pixel is clipped. */
const images = () => tf.fill([3, ...SHAPE], 0.5) as tf.Tensor4D;
const labels = () => oneHotOf([1, 2, 3]);

function craftedFrom(attack: Partial<Condition['attack']>, stepSize: number, method = 'pgd') {
  const { condition, seed } = smallSpec({ method, attack: { steps: 1, ...attack } });
  const weights = model.initialise(seed);
  const logitsOf = (x: tf.Tensor4D) => model.forward(weights, x);
  const force = { epsilon: condition.attack.epsilon, stepSize };
  const crafted = craftExamples({ condition, seed, logitsOf }, place, force, { images: images(), labels: labels() });
  return { seed, logitsOf, moved: tf.sub(crafted, images()).dataSync() as Float32Array };
}

const lengths = (moved: Float32Array): number[] =>
  [0, 1, 2].map((i) => Math.hypot(...moved.subarray(i * 784, (i + 1) * 784)));

describe('the start', () => {
  it.each<[string, Partial<Condition['attack']>, (noise: Float32Array, seed: number) => void]>([
    [
      'uniform in linf',
      { norm: 'linf', init: 'uniform', epsilon: 0.2 },
      (noise, seed) => fillUniformNoise(attackStream(seed, 2, 3, 0), noise, SHAPE, 0.2),
    ],
    [
      'uniform in l2',
      { norm: 'l2', init: 'uniform', epsilon: 1.5 },
      (noise, seed) => fillL2Noise(attackNormalStream(seed, 2, 3, 0), noise, SHAPE, 1.5),
    ],
    [
      'normal',
      { init: 'normal', epsilon: 0.2 },
      (noise, seed) => fillNormalNoise(attackNormalStream(seed, 2, 3, 0), noise, SHAPE, 0.001),
    ],
    ['zero', { init: 'zero' }, () => {}],
  ])('%s is the noise of the stream (seed, epoch, batch)', (_, attack, fill) => {
    const { moved, seed } = craftedFrom(attack, 0);
    const noise = new Float32Array(3 * 784);
    fill(noise, seed);
    expect(Math.max(...moved.map((value, i) => Math.abs(value - noise[i])))).toBeLessThan(1e-6);
    if (attack.norm === 'l2') for (const length of lengths(moved)) expect(length).toBeLessThan(1.5);
  });
});

describe('a step in l2', () => {
  it('goes along the gradient, by its length, and back to the ball', () => {
    const short = craftedFrom({ norm: 'l2', init: 'zero', epsilon: 1 }, 0.25);
    for (const length of lengths(short.moved)) expect(length).toBeCloseTo(0.25, 5);
    const gradient = inputGradient(short.logitsOf, crossEntropy, images(), labels()).dataSync() as Float32Array;
    lengths(gradient).forEach((length, image) => {
      for (let i = image * 784; i < (image + 1) * 784; i++) {
        expect(short.moved[i]).toBeCloseTo((0.25 * gradient[i]) / length, 6);
      }
    });
    for (const length of lengths(craftedFrom({ norm: 'l2', init: 'zero', epsilon: 1 }, 5).moved)) {
      expect(length).toBeCloseTo(1, 5);
    }
  });

  it('of Adam is the attack of Gowal et al.', () => {
    const attack = { norm: 'linf', init: 'zero', epsilon: 0.3, stepRule: 'adam', steps: 3 } as const;
    const { moved, logitsOf } = craftedFrom(attack, 0.001);
    const options = { logits: logitsOf, images: images(), oneHot: labels(), epsilon: 0.3, steps: 3 };
    const expected = tf.sub(craftByAdam({ ...options, start: 'zero' }), images()).dataSync();
    expect(Array.from(moved)).toEqual(Array.from(expected));
    // The first step of Adam moves every pixel with a gradient by its rate.
    expect(Math.max(...moved)).toBeGreaterThan(0.1);
  });

  it('of trades climbs away from the clean output', () => {
    const { moved } = craftedFrom({ norm: 'l2', init: 'normal', epsilon: 1 }, 5, 'trades');
    for (const length of lengths(moved)) expect(length).toBeCloseTo(1, 4);
  });
});
