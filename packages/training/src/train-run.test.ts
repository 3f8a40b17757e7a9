// The metrics of a run, recomputed from its events and from other runs that must agree with it.
import type { BackendDescription, EpochMetrics, Metrics, RunResult, RunSpec } from '@reseed/experiment';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { createDatasetCache, type RunData } from './dataset-cache.ts';
import { type Given, smallSpec } from './recorded-run.ts';
import { trainRun } from './train-run.ts';

interface Recorded {
  readonly result: RunResult;
  readonly metrics: Metrics;
  readonly epochs: readonly EpochMetrics[];
}

const datasets = createDatasetCache(undefined);
let backend: BackendDescription;
beforeAll(async () => {
  backend = await openBackend({ device: 'cpu' });
});

async function record(spec: RunSpec, change: (data: RunData) => RunData = (data) => data): Promise<Recorded> {
  const epochs: EpochMetrics[] = [];
  const data = change(await datasets.get(spec.condition.dataset));
  const events = { audit: () => {}, epoch: (metrics: EpochMetrics) => epochs.push(metrics) };
  const result = await trainRun({ spec, data, backend, events, signal: undefined, checkpoints: undefined });
  return { result, metrics: result.metrics, epochs };
}

/** Learns fast enough that accuracies move, and its first epochs do not depend on how many follow. */
const LEARNING: Given = {
  epochs: 7,
  batchSize: 10,
  dataset: { trainSize: 100, validationSize: 40, testSize: 50 },
  attack: { epsilon: 0.03 },
  augmentation: 'pad_crop',
  optimizer: { learningRate: 0.005 },
  schedule: { name: 'constant' },
  warmup: { epsilonFraction: 0 },
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value) / values.length;
const first = (images: RunData['train'], count: number): RunData['train'] => ({
  images: images.images,
  labels: images.labels.subarray(0, count),
  indices: images.indices.subarray(0, count),
});

describe('metrics of seven epochs', () => {
  let run: Recorded;
  beforeAll(async () => {
    run = await record(smallSpec({ ...LEARNING, evaluation: { every: 2, epsilon: 0.05 } }));
  });

  it('are evaluated when they must be: validation each second and last epoch, test in the last five', () => {
    expect(run.epochs.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const evaluated = (metric: keyof EpochMetrics) =>
      run.epochs.filter((epoch) => epoch[metric] !== null).map(({ epoch }) => epoch);
    expect(evaluated('validationCleanAccuracy')).toEqual([1, 3, 5, 6]);
    expect(evaluated('validationRobustAccuracy')).toEqual([1, 3, 5, 6]);
    expect(evaluated('testCleanAccuracy')).toEqual([2, 3, 4, 5, 6]);
    expect(evaluated('testRobustAccuracy')).toEqual([2, 3, 4, 5, 6]);
  });

  it('are whole numbers of images, robust never above clean', () => {
    const whole = (fraction: number, images: number) =>
      expect(fraction * images).toBeCloseTo(Math.round(fraction * images), 9);
    for (const epoch of run.epochs) {
      for (const set of ['validation', 'test'] as const) {
        const [clean, robust] = [epoch[`${set}CleanAccuracy`], epoch[`${set}RobustAccuracy`]];
        if (clean === null || robust === null) continue;
        expect(robust).toBeLessThanOrEqual(clean);
        whole(clean, set === 'test' ? 50 : 40);
        whole(robust, set === 'test' ? 50 : 40);
      }
      // A float32 mean.
      expect(epoch.trainAccuracy * 100).toBeCloseTo(Math.round(epoch.trainAccuracy * 100), 4);
    }
    expect(run.metrics.cleanAccuracy).toBeGreaterThan(run.metrics.robustAccuracy);
    expect(run.metrics.robustAccuracy).toBeGreaterThan(0.25);
  });

  it('are those of the last epoch, final the mean of the last five, drop their difference to best', () => {
    const tests = run.epochs.slice(2).map((epoch) => epoch.testRobustAccuracy as number);
    const { metrics } = run;
    expect(metrics.cleanAccuracy).toBe(run.epochs[6].testCleanAccuracy);
    expect(metrics.robustAccuracy).toBe(tests[4]);
    expect(metrics.robustAccuracyFinal).toBeCloseTo(mean(tests), 12);
    expect(new Set(tests).size).toBeGreaterThan(1);
    expect(metrics.robustDrop).toBe(metrics.robustAccuracyBest - metrics.robustAccuracyFinal);
  });

  it('take the best epoch from validation: the earliest with the highest robust accuracy, not clean', async () => {
    const earliest = (values: readonly number[]) => values.indexOf(Math.max(...values));
    let cleanDisagrees = false;
    for (let seed = 1; seed <= 10 && !cleanDisagrees; seed++) {
      const { epochs, metrics, result } = await record(smallSpec({ ...LEARNING, evaluation: { epsilon: 0.1 } }, seed));
      const robust = epochs.map((epoch) => epoch.validationRobustAccuracy as number);
      const clean = epochs.map((epoch) => epoch.validationCleanAccuracy as number);
      expect(result.bestEpoch, `seed ${seed}`).toBe(earliest(robust));
      const { testRobustAccuracy } = epochs[result.bestEpoch];
      expect(testRobustAccuracy ?? metrics.robustAccuracyBest).toBe(metrics.robustAccuracyBest);
      cleanDisagrees = earliest(clean) !== earliest(robust);
    }
    expect(cleanDisagrees).toBe(true);
  });

  it('do not see the test set before the end: other test images leave all but the test metrics', async () => {
    const swap = (data: RunData): RunData => ({ ...data, test: first(data.validation, 40) });
    const other = await record(smallSpec({ ...LEARNING, evaluation: { every: 2, epsilon: 0.05 } }), swap);
    expect(other.result.weightHash).toBe(run.result.weightHash);
    expect(other.result.bestEpoch).toBe(run.result.bestEpoch);
    // The images are the validation images now, so each accuracy stands twice.
    for (const epoch of other.epochs.filter(({ validationRobustAccuracy }) => validationRobustAccuracy !== null)) {
      expect(epoch.testRobustAccuracy ?? epoch.validationRobustAccuracy).toBe(epoch.validationRobustAccuracy);
      expect(epoch.testCleanAccuracy ?? epoch.validationCleanAccuracy).toBe(epoch.validationCleanAccuracy);
    }
    expect(other.metrics.robustAccuracy).toBe(run.epochs[6].validationRobustAccuracy);
  });

  it('measure the gap on the first training images as they are, without augmentation', async () => {
    const onTrain = (data: RunData): RunData => ({ ...data, test: first(data.train, 50) });
    const trained = await record(smallSpec({ ...LEARNING, evaluation: { every: 2, epsilon: 0.05 } }), onTrain);
    expect(trained.result.weightHash).toBe(run.result.weightHash);
    expect(trained.metrics.robustGap).toBe(0);
    expect(run.metrics.robustGap).toBe(trained.metrics.robustAccuracy - run.metrics.robustAccuracy);
    expect(run.metrics.robustGap).toBeGreaterThan(0);
  });
});

describe('averaged weights', () => {
  it('are evaluated beside the raw ones, which they do not touch, and choose their own best epoch', async () => {
    const plain = await record(smallSpec({ ...LEARNING, evaluation: { every: 2 } }));
    const run = await record(smallSpec({ ...LEARNING, evaluation: { every: 2 }, averaging: { decay: 0.9 } }));
    const { weightHashWa, bestEpochWa, ...result } = run.result;
    expect(result.weightHash).toBe(plain.result.weightHash);
    expect(weightHashWa).toMatch(/^[0-9a-f]{64}$/);
    expect(weightHashWa).not.toBe(result.weightHash);
    const raw = Object.fromEntries(Object.entries(run.metrics).filter(([name]) => !name.endsWith('Wa')));
    expect(raw).toEqual(plain.metrics);
    expect(plain.result.weightHashWa).toBeUndefined();
    expect(plain.epochs.every(({ testRobustAccuracyWa }) => testRobustAccuracyWa === null)).toBe(true);

    const tests = run.epochs.slice(2).map((epoch) => epoch.testRobustAccuracyWa as number);
    expect(run.metrics.robustAccuracyWa).toBe(tests[4]);
    expect(run.metrics.robustAccuracyFinalWa).toBeCloseTo(mean(tests), 12);
    expect(run.metrics.cleanAccuracyWa).toBe(run.epochs[6].testCleanAccuracyWa);
    const validated = run.epochs.map((epoch) => epoch.validationRobustAccuracyWa ?? -1);
    expect(bestEpochWa).toBe(validated.indexOf(Math.max(...validated)));
    expect(tests).not.toEqual(run.epochs.slice(2).map((epoch) => epoch.testRobustAccuracy));
  });

  it('with nearly no decay are the raw weights', async () => {
    const { metrics } = await record(smallSpec({ ...LEARNING, epochs: 2, averaging: { decay: 1e-9 } }));
    expect(metrics.robustAccuracyWa).toBe(metrics.robustAccuracy);
    expect(metrics.robustGapWa).toBe(metrics.robustGap);
  });
});

describe('corner cases', () => {
  it('the gap of fewer training than test images is measured on all of them', async () => {
    const spec = smallSpec({ epochs: 3, dataset: { trainSize: 30, testSize: 50 }, optimizer: { learningRate: 0.01 } });
    const run = await record(spec);
    const onTrain = await record(spec, (data) => ({ ...data, test: data.train }));
    expect(run.metrics.robustGap).toBe(onTrain.metrics.robustAccuracy - run.metrics.robustAccuracy);
    expect((onTrain.metrics.robustAccuracy * 30) % 1).toBeCloseTo(0, 9);
  });

  it('a best epoch that was not tested in passing is tested with its own weights at the end', async () => {
    // Labels that are all wrong are forgotten as the true ones are learnt, so an early epoch is best on them.
    const mislabel = (data: RunData): RunData => {
      const labels = data.validation.labels.map((label) => (label + 1) % 10);
      return { ...data, validation: { ...data.validation, labels } };
    };
    const run = await record(smallSpec(LEARNING), mislabel);
    expect(run.result.bestEpoch).toBeLessThan(2);
    const stopped = await record(smallSpec({ ...LEARNING, epochs: run.result.bestEpoch + 1 }), mislabel);
    expect(stopped.epochs.map(({ trainLoss }) => trainLoss)).toEqual(
      run.epochs.slice(0, run.result.bestEpoch + 1).map(({ trainLoss }) => trainLoss),
    );
    expect(run.metrics.robustAccuracyBest).toBe(stopped.metrics.robustAccuracy);
    expect(run.metrics.robustAccuracyBest).toBeLessThan(run.metrics.robustAccuracy);
    expect(run.metrics.robustDrop).toBeLessThan(0);
  });

  it('a run of fewer than five epochs takes the mean over all of them', async () => {
    const { metrics, epochs } = await record(smallSpec({ ...LEARNING, epochs: 3 }));
    const tests = epochs.map((epoch) => epoch.testRobustAccuracy as number);
    expect(tests).toHaveLength(3);
    expect(metrics.robustAccuracyFinal).toBeCloseTo(mean(tests), 12);
  });

  it('one epoch has no drop: best, final and last are one evaluation', async () => {
    const { metrics, result } = await record(smallSpec({ epochs: 1, evaluation: { every: 10 } }));
    expect(result.bestEpoch).toBe(0);
    expect(metrics.robustAccuracyBest).toBe(metrics.robustAccuracy);
    expect(metrics.robustAccuracyFinal).toBe(metrics.robustAccuracy);
    expect(metrics.robustDrop).toBe(0);
  });
});
