// Losses whose gradients the golden vectors do not hold, and what losses and labels refuse.
import { NumpyRandomState } from '@reseed/rng';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { oneHotRows } from './attack-batch.ts';
import type { ImageLoss } from './attack-loss.ts';
import { classLabels } from './class-labels.ts';
import { targetedDlrLoss } from './dlr-loss.ts';
import { LabelMismatchError, SoftLabelsError, TooFewClassesError } from './errors.ts';
import { getLoss, klDivergence } from './image-loss.ts';

const [IMAGES, CLASSES] = [4, 6];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function randomLogits(seed: number): Float32Array {
  return new NumpyRandomState(seed).fillUniform(new Float32Array(IMAGES * CLASSES), -2, 2);
}

/** Holds the gradient against differences of the values; logits of [−2, 2] are far enough from a change of order. */
function expectGradient(loss: ImageLoss, labels: tf.Tensor2D, seed: number): void {
  const logits = randomLogits(seed);
  const gradient = loss.gradient(tf.tensor2d(logits, [IMAGES, CLASSES]), labels).dataSync();
  const step = 1e-2;
  for (let at = 0; at < logits.length; at++) {
    const [above, below] = [step, -step].map((change) => {
      const moved = logits.slice();
      moved[at] += change;
      return loss.values(tf.tensor2d(moved, [IMAGES, CLASSES]), labels).dataSync()[Math.floor(at / CLASSES)];
    });
    expect((above - below) / (2 * step), `seed ${seed}, logit ${at}`).toBeCloseTo(gradient[at], 2);
  }
}

describe('gradients', () => {
  it('targeted DLR', () => {
    const targets = oneHotRows(Int32Array.of(1, 2, 3, 4), CLASSES);
    expectGradient(targetedDlrLoss(targets), oneHotRows(Int32Array.of(0, 0, 5, 1), CLASSES), 1);
  });

  it('cross-entropy of soft labels, and the divergence from clean probabilities', () => {
    const soft = tf.softmax(tf.tensor2d(randomLogits(8), [IMAGES, CLASSES]));
    expectGradient(getLoss('ce'), soft, 2);
    expectGradient(klDivergence, soft, 3);
  });
});

it('the divergence of a distribution from itself is zero, also where a probability is', () => {
  const logits = tf.tensor2d([0, 200, 0, 1, 2, 3], [2, 3]);
  const values = klDivergence.values(logits, tf.softmax(logits)).dataSync();
  for (const value of values) expect(value).toBeCloseTo(0, 6);
});

describe('too few classes', () => {
  it('DLR needs three, targeted DLR four', () => {
    const two = oneHotRows(Int32Array.of(0), 2);
    const three = oneHotRows(Int32Array.of(0), 3);
    expect(() => getLoss('dlr').values(two, two)).toThrow(TooFewClassesError);
    expect(() => getLoss('dlr').values(three, three)).not.toThrow();
    expect(() => targetedDlrLoss(three).gradient(three, three)).toThrow(
      'the loss targeted dlr needs at least 4 classes; the model has 3',
    );
  });
});

describe('labels', () => {
  it('takes class ids and one-hot rows', async () => {
    const ids = Int32Array.of(2, 0, 5);
    expect(await classLabels(ids, 3)).toEqual(ids);
    expect(await classLabels(Uint8Array.from(ids), 3)).toEqual(ids);
    expect(await classLabels(oneHotRows(ids, 6), 3)).toEqual(ids);
  });

  it('refuses soft labels and another number of labels', async () => {
    const soft = tf.tensor2d([0, 1, 0.5, 0.5], [2, 2]);
    await expect(classLabels(soft, 2)).rejects.toThrow(SoftLabelsError);
    await expect(classLabels(tf.zeros([1, 3]) as tf.Tensor2D, 1)).rejects.toMatchObject({ image: 0 });
    await expect(classLabels(Int32Array.of(1), 2)).rejects.toThrow(LabelMismatchError);
  });
});
