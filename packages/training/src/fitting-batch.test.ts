// Batches against what a model keeps of an image: as asked where that is little, as many as fit where it is much.
import type { Logits } from '@reseed/attacks';
import { getModel } from '@reseed/models';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { fittingBatch } from './fitting-batch.ts';

beforeAll(() => openBackend({ device: 'cpu' }));

const facts = { imageShape: [28, 28, 1], classes: 10 } as const;
const fitting = (batchSize: number, logits: Logits) => fittingBatch({ facts, batchSize }, logits);

it('leaves small models the batch that was asked for', () => {
  const model = getModel('tiny-cnn');
  const weights = model.initialise(1);
  for (const batchSize of [1, 250, 10_000])
    expect(fitting(batchSize, (x) => model.forward(weights, x))).toBe(batchSize);
});

it('counts what is kept for each image, and not what is there once', () => {
  const once = 2 ** 24;
  /** Squares `values` numbers per image, which the way back needs, beside something large that is the same for all. */
  const keeping = (values: number): Logits => {
    return (x) => {
      const pixels = tf.sum(x, [1, 2, 3]).reshape([-1, 1]);
      const wide = tf.matMul(pixels, tf.ones([1, values]));
      const constant = tf.mean(tf.zeros([once]));
      return tf.sum(tf.square(tf.add(wide, constant)), 1, true) as tf.Tensor2D;
    };
  };
  const small = fitting(100_000, keeping(2 ** 18));
  const large = fitting(100_000, keeping(2 ** 20));
  expect(small / large).toBeCloseTo(4, 0);
  // Matrix product, sum and square each hold it, in four bytes, and the way up may hold as many again.
  expect(large).toBeGreaterThanOrEqual(2 ** 30 / (2 ** 20 * 4 * 8));
  expect(large).toBeLessThanOrEqual(2 ** 30 / (2 ** 20 * 4 * 1));
  expect(fitting(3, keeping(2 ** 20))).toBe(3);
});

it('leaves no tensor behind', () => {
  const before = tf.memory().numTensors;
  fitting(250, (x) => tf.sum(x, [1, 2]) as tf.Tensor2D);
  expect(tf.memory().numTensors).toBe(before);
});
