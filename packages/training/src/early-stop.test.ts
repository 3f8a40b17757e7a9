// Runs that end before their last epoch: by the guard against catastrophic overfitting, and for want of progress.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { OverfittingGuard } from './overfitting-guard.ts';
import { type Given, oneHotOf, openTrainer, recordRun, smallSpec } from './recorded-run.ts';
import type { Trainer } from './trainer.ts';

let trainer: Trainer;
beforeAll(async () => {
  trainer = await openTrainer();
});

/** What happens in an epoch does not depend on how many follow. */
const STEADY: Given = { schedule: { name: 'constant' }, warmup: { epsilonFraction: 0 }, evaluation: { every: 4 } };
const FGSM: Given = {
  ...STEADY,
  method: 'fgsm',
  epochs: 12,
  batchSize: 8,
  model: 'tiny-cnn-bn',
  averaging: { decay: 0.5 },
  attack: { steps: 1, epsilon: 0.2 },
  dataset: { trainSize: 40, validationSize: 20, testSize: 20 },
  optimizer: { learningRate: 0.01 },
};

describe('catastrophic overfitting', () => {
  it('ends a run with the weights of the epoch before, raw and averaged', async () => {
    const stopping = { overfittingDrop: 0.12 };
    const { result, epochs } = await recordRun(trainer, smallSpec({ ...FGSM, stopping }));
    const { stopped } = result;
    if (stopped === undefined) throw new Error('this run was to be stopped');
    expect(stopped.reason).toBe('catastrophic_overfitting');
    expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: stopped.epoch }, (_, epoch) => epoch));
    const short = { ...FGSM, epochs: stopped.epoch, stopping: { overfittingDrop: 0 } };
    const unguarded = await recordRun(trainer, smallSpec(short));
    expect(result.weightHash).toBe(unguarded.result.weightHash);
    expect(result.weightHashWa).toBe(unguarded.result.weightHashWa);
    expect(result.metrics.cleanAccuracy).toBe(unguarded.result.metrics.cleanAccuracy);
    expect(result.metrics.robustAccuracy).toBe(unguarded.result.metrics.robustAccuracy);
    expect(result.bestEpoch).toBe(unguarded.result.bestEpoch);
    expect(result.metrics.robustAccuracyBestWa).toBe(unguarded.result.metrics.robustAccuracyBestWa);
  });

  it('is a fall by more than the limit from one epoch to the next', async () => {
    const { condition } = smallSpec({ ...FGSM, stopping: { overfittingDrop: 0.5 }, attack: { epsilon: 0 } });
    const guard = new OverfittingGuard(condition, 1, undefined);
    const labels = oneHotOf([0, 1, 2, 3]);
    /** Right about the first `right` images, whatever they look like. */
    const after = async (epoch: number, right: number) => {
      guard.hold({ images: tf.zeros([4, 28, 28, 1]), labels });
      const shift = tf.tensor2d(Array.from({ length: 4 }, (_, i) => (i < right ? [1] : [-1])));
      return guard.overfits(epoch, (x) => tf.add(tf.mul(labels, shift), tf.mul(tf.mean(x), 1e-6)));
    };
    expect(await after(0, 3)).toBe(false);
    expect(guard.accuracy).toBe(0.75);
    expect(await after(1, 1)).toBe(false);
    expect(await after(2, 4)).toBe(false);
    expect(await after(3, 1)).toBe(true);
    const goesOn = new OverfittingGuard(condition, 1, 0.9);
    goesOn.hold({ images: tf.zeros([4, 28, 28, 1]), labels });
    expect(await goesOn.overfits(4, (x) => tf.sub(tf.mul(tf.mean(x), 1e-6), labels))).toBe(true);
  });
});

describe('patience', () => {
  it('ends a run after so many epochs without a better validation, with a final accuracy of its last weights', async () => {
    // Nothing moves, so that the first validation stays the best.
    const given = { ...STEADY, epochs: 30, optimizer: { learningRate: 1e-30 }, evaluation: { every: 2 } };
    const { result, epochs } = await recordRun(trainer, smallSpec({ ...given, stopping: { patience: 5 } }));
    expect(result.bestEpoch).toBe(1);
    expect(result.stopped).toEqual({ epoch: 7, reason: 'no_improvement' });
    expect(epochs).toHaveLength(8);
    expect(epochs.every(({ testCleanAccuracy }) => testCleanAccuracy === null)).toBe(true);
    expect(result.metrics.robustAccuracyFinal).toBe(result.metrics.robustAccuracy);
    const { result: whole } = await recordRun(trainer, smallSpec({ ...given, epochs: 8 }));
    expect(whole.stopped).toBeUndefined();
    expect(result.metrics).toEqual(whole.metrics);
    expect(result.weightHash).toBe(whole.weightHash);
  });

  it('that never runs out changes nothing', async () => {
    const [patient, plain] = await Promise.all(
      [{ patience: 2 }, { patience: 0 }].map((stopping) => recordRun(trainer, smallSpec({ epochs: 2, stopping }))),
    );
    expect(patient.result.stopped).toBeUndefined();
    expect(patient.result.weightHash).toBe(plain.result.weightHash);
  });
});
