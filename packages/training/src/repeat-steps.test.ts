// Steps on noise are steps of the real trainer: they compute what a run does, end when they are told, and leave nothing behind.
import { resolveCondition } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { matrixProductRate } from './matrix-product-rate.ts';
import { BackendThreadsError, openBackend } from './backend.ts';
import { repeatSteps } from './repeat-steps.ts';

beforeAll(() => openBackend({ device: 'cpu', backend: 'portable' }));

const conditionOf = (given: Record<string, unknown>) =>
  resolveCondition({ dataset: { name: 'mnist' }, batchSize: 2, ...given }).condition;

it('stops after so many finished steps, over the end of an epoch, and frees everything', async () => {
  const before = tf.memory().numTensors;
  const seen: number[] = [];
  await repeatSteps(conditionOf({ method: 'pgd', attack: { steps: 1 } }), async (finished) => {
    seen.push(finished);
    return finished < 40 ? 'go' : 'stop';
  });
  expect(seen).toEqual(Array.from({ length: 41 }, (_, i) => i));
  expect(tf.memory().numTensors).toBe(before);
});

it('runs every step of the attack, forward and back to the pixels, then one pass for the weights', async () => {
  const condition = conditionOf({ model: 'madry-cnn', method: 'pgd', attack: { steps: 3 } });
  const profile = await tf.profile(async () => {
    await repeatSteps(condition, async (finished) => (finished < 1 ? 'go' : 'stop'));
    return tf.scalar(0);
  });
  const kernels = profile.kernels.map(({ name }) => name);
  const count = (name: string) => kernels.filter((kernel) => kernel === name).length;
  expect(count('Conv2D') + count('FusedConv2D')).toBe(2 * 4);
  expect(count('Conv2DBackpropInput')).toBe(2 * 3 + 1);
  expect(count('Conv2DBackpropFilter')).toBe(2);
});

it('what a step throws comes out, and nothing stays allocated', async () => {
  const before = tf.memory().numTensors;
  const fail = repeatSteps(conditionOf({ method: 'plain' }), async (finished) => {
    if (finished === 1) throw new RangeError('enough');
    return 'go';
  });
  await expect(fail).rejects.toThrow('enough');
  expect(tf.memory().numTensors).toBe(before);
});

it('a matrix product runs at a rate that a processor can have', async () => {
  const rate = await matrixProductRate();
  expect(rate).toBeGreaterThan(1e8);
  expect(rate).toBeLessThan(1e15);
});

it('a backend that computes in one thread refuses two, and another one does not stand in', async () => {
  const two = openBackend({ device: 'cpu', backend: 'portable', threads: 2 });
  await expect(two).rejects.toThrow(BackendThreadsError);
  await expect(two).rejects.toThrow('backend "wasm-simd" computes in 1 thread(s), got 2');
  const gpu = openBackend({ device: 'gpu', threads: 2 });
  await expect(gpu).rejects.toThrow('backend "gpu" takes no number of threads');
});
