// The best weights so far: the earliest of the highest, as a copy of their own.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { BestWeights } from './best-weights.ts';
import { disposeValues } from './network.ts';

beforeAll(() => openBackend({ device: 'cpu' }));

it('are those of the earliest epoch with the highest accuracy, and one copy at any time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<number[]>(0, 0.1, 0.5, 0.50001, 1), { minLength: 1, maxLength: 12 }),
      (accuracies) => {
        const before = tf.memory().numTensors;
        const best = new BestWeights();
        accuracies.forEach((accuracy, epoch) => {
          const values = { weights: tf.tensor1d([epoch, accuracy]), statistics: tf.tensor1d([-epoch]) };
          // The trainer disposes of its weights after every batch, inside or outside a tidy.
          tf.tidy(() => best.offer(epoch, accuracy, values));
          disposeValues(values);
          expect(tf.memory().numTensors).toBe(before + 2);
        });
        const expected = accuracies.indexOf(Math.max(...accuracies));
        expect(best.epoch).toBe(expected);
        expect(best.values.weights.dataSync()).toEqual(Float32Array.of(expected, accuracies[expected]));
        expect(best.values.statistics?.dataSync()).toEqual(Float32Array.of(-expected));
        best.dispose();
        best.dispose();
        expect(tf.memory().numTensors).toBe(before);
      },
    ),
  );
});

it('do not exist before the first offer', () => {
  const best = new BestWeights();
  expect(best.epoch).toBe(-1);
  expect(() => best.values).toThrow(TypeError);
  best.dispose();
});
