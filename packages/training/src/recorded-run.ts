// For tests: the smallest runs that show an effect, on real images and a real backend, with their events written down.
import type { Audit } from '@reseed/dataloader';
import { type EpochMetrics, resolveCondition, type RunResult, type RunSpec, SPEC_VERSION } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import { openBackend } from './backend.ts';
import { createTrainer, type Preparation, type Trainer } from './trainer.ts';

/** Nested parameters, as a grid's `base` gives them. */
export type Given = Readonly<Record<string, unknown>>;

const merge = (base: Given, given: Given): Given =>
  Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(given)])].map((key) => {
      const [low, high] = [base[key], given[key]];
      return [key, typeof low === 'object' && typeof high === 'object' ? { ...low, ...high } : (high ?? low)];
    }),
  );

const SMALL: Given = {
  dataset: { name: 'mnist', trainSize: 70, validationSize: 40, testSize: 50 },
  epochs: 2,
  batchSize: 20,
  attack: { epsilon: 0.1, steps: 2 },
  loader: { workers: 2 },
  evaluation: { every: 1, steps: 2 },
};

/** 70 training images in batches of 20 (the last holds 10), PGD-2, two epochs; `given` goes on top. */
export function smallSpec(given: Given = {}, seed = 2021): RunSpec {
  const { condition } = resolveCondition(merge(SMALL, given));
  return { specVersion: SPEC_VERSION, condition, seed };
}

export interface RecordedRun {
  readonly result: RunResult;
  readonly audits: readonly Audit[];
  readonly epochs: readonly EpochMetrics[];
}

export async function recordRun(trainer: Trainer, spec: RunSpec, signal?: AbortSignal): Promise<RecordedRun> {
  const audits: Audit[] = [];
  const epochs: EpochMetrics[] = [];
  const events = {
    audit: (audit: Audit) => audits.push(audit),
    epoch: (metrics: EpochMetrics) => epochs.push(metrics),
  };
  const result = await trainer.run(spec, events, signal);
  return { result, audits, epochs };
}

export async function openTrainer(preparation: Preparation = 'in_turn'): Promise<Trainer> {
  return createTrainer({ backend: await openBackend({ device: 'cpu' }), preparation });
}

/** Everything of a run that must be equal bit for bit when it is repeated: all but times. */
export function bitsOf({ result, audits, epochs }: RecordedRun): unknown {
  const { seconds: _, imagePassesPerSecond: __, evaluations, ...kept } = result;
  const timeless = <T extends { readonly seconds: number }>({ seconds: ___, ...rest }: T) => rest;
  return { ...kept, evaluations: evaluations.map(timeless), audits, epochs: epochs.map(timeless) };
}

/** One-hot rows of ten classes. Cast, because the wasm backend writes integer bits when tf.oneHot is asked for float32. */
export function oneHotOf(labels: ArrayLike<number>): tf.Tensor2D {
  return tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(Array.from(labels), 'int32'), 10), 'float32')) as tf.Tensor2D;
}
