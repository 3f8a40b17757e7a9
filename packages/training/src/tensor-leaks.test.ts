// However a run ends, it leaves no tensor behind, and a stopped run stops at the next border between two batches.
import type { RunSpec } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { classifyFailure, DivergedError } from './failure.ts';
import { bitsOf, type Given, openTrainer, recordRun, smallSpec } from './recorded-run.ts';
import type { TrainingEvents } from './train-run.ts';
import { createTrainer, type Trainer } from './trainer.ts';

let trainer: Trainer;
let before: { readonly numTensors: number; readonly numDataBuffers: number };

beforeAll(async () => {
  trainer = await openTrainer();
});
beforeEach(() => {
  const { numTensors, numDataBuffers } = tf.memory();
  before = { numTensors, numDataBuffers };
});
afterEach(() => {
  expect(tf.memory()).toMatchObject(before);
});

const silent: TrainingEvents = { audit: () => {}, epoch: () => {} };

async function failure(spec: RunSpec, events = silent, signal?: AbortSignal): Promise<unknown> {
  const ended = await trainer.run(spec, events, signal).catch((error: unknown) => error);
  expect(ended).toBeInstanceOf(Error);
  return ended;
}

function expectStopped(error: unknown): void {
  expect(error).toBeInstanceOf(DOMException);
  expect((error as DOMException).name).toBe('AbortError');
}

describe('a run that ends well', () => {
  it.each<[string, Given]>([
    ['adam', {}],
    ['sgd with momentum', { optimizer: { name: 'sgd' } }],
    ['averaged weights and smoothed labels', { averaging: { decay: 0.9 }, labelSmoothing: 0.1 }],
    ['trades', { method: 'trades' }],
    ['mart on perturbed weights', { method: 'mart', awp: { gamma: 0.01 } }],
    ['free', { method: 'free', attack: { steps: 1, replays: 2 } }],
    ['batch norm', { model: 'tiny-cnn-bn', method: 'trades', averaging: { decay: 0.9 } }],
    ['dropout', { model: 'small-cnn', epochs: 1, dataset: { trainSize: 20 } }],
    ['a guard', { method: 'fgsm', attack: { steps: 1 }, model: 'tiny-cnn-bn', averaging: { decay: 0.9 } }],
    ['mixed batches', { augmentation: 'mixup_batch' }],
    ['sgd without', { optimizer: { name: 'sgd', momentum: 0 } }],
    ['several restarts and a best epoch that is not tested in passing', { epochs: 6, evaluation: { restarts: 2 } }],
  ])('%s', async (_, given) => {
    const { epochs } = await recordRun(trainer, smallSpec(given));
    expect(epochs.length).toBeGreaterThan(0);
  });
});

describe('a run that fails', () => {
  it.each<[DivergedError['quantity'], Given]>([
    ['loss', { batchSize: 5, optimizer: { name: 'sgd', learningRate: 100, weightDecay: 1 } }],
    ['weights', { batchSize: 70, epochs: 1, optimizer: { name: 'sgd', learningRate: 1e39 } }],
  ])('by a %s that is no longer finite is an outcome: diverged', async (quantity, given) => {
    const seen: number[] = [];
    const error = await failure(smallSpec(given), { ...silent, epoch: ({ epoch }) => seen.push(epoch) });
    expect(error).toBeInstanceOf(DivergedError);
    expect(error).toMatchObject({ epoch: 0, quantity });
    expect(classifyFailure(error)).toMatchObject({
      kind: 'diverged',
      message: `training diverged: the ${quantity} stopped being finite in epoch 0`,
    });
    expect(seen).toEqual([]);
  });

  it('in a listener passes the listener’s own error on', async () => {
    const broken = new Error('the disk is full');
    const listen = (epoch: number) => {
      if (epoch === 1) throw broken;
    };
    expect(await failure(smallSpec(), { ...silent, epoch: ({ epoch }) => listen(epoch) })).toBe(broken);
    const early = () => {
      throw broken;
    };
    expect(await failure(smallSpec(), { ...silent, audit: early })).toBe(broken);
  });

  it('for want of its dataset is dataset_unavailable, and the trainer goes on', async () => {
    const lost = createTrainer({ backend: await openBackend({ device: 'cpu' }), dataFolder: '/nowhere/at/all' });
    const error = await lost.run(smallSpec(), silent).catch((thrown: unknown) => thrown);
    expect(classifyFailure(error)).toMatchObject({ kind: 'dataset_unavailable' });
    expect((error as Error).message).toContain('/nowhere/at/all');
  });

  it('on sizes that are no sizes is invalid_spec', async () => {
    const spec = smallSpec({ dataset: { validationSize: 0 } });
    expect(classifyFailure(await failure(spec))).toMatchObject({ kind: 'invalid_spec' });
  });
});

describe('a run that is stopped', () => {
  it('before it starts is audited and trains nothing', async () => {
    const seen: string[] = [];
    const events = { audit: () => seen.push('audit'), epoch: () => seen.push('epoch') };
    expectStopped(await failure(smallSpec(), events, AbortSignal.abort()));
    expect(seen).toEqual(['audit']);
  });

  it('after an epoch never starts the next', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const epoch = (metrics: { epoch: number }) => {
      seen.push(metrics.epoch);
      if (metrics.epoch === 1) stop.abort();
    };
    expectStopped(await failure(smallSpec({ epochs: 5 }), { ...silent, epoch }, stop.signal));
    expect(seen).toEqual([0, 1]);
  });

  it('after the last epoch still stops, in the evaluation that follows', async () => {
    const stop = new AbortController();
    const epoch = () => stop.abort();
    expectStopped(await failure(smallSpec({ epochs: 1 }), { ...silent, epoch }, stop.signal));
  });

  it.each<[string, Given]>([
    ['amid the batches of an epoch', { dataset: { trainSize: 20_000 }, batchSize: 20 }],
    ['amid an evaluation', { dataset: { validationSize: 20_000 }, evaluation: { steps: 20, batchSize: 20 } }],
  ])('by a timer %s stops within a moment: the event loop gets its turns', async (_, given) => {
    const stop = new AbortController();
    const epochs: number[] = [];
    let due = 0;
    const events: TrainingEvents = {
      audit: () => {
        due = performance.now() + 150;
        setTimeout(() => stop.abort(), 150);
      },
      epoch: ({ epoch }) => epochs.push(epoch),
    };
    expectStopped(await failure(smallSpec({ epochs: 1, ...given }), events, stop.signal));
    // The whole of either takes several times as long.
    expect(performance.now() - due).toBeLessThan(1500);
    expect(epochs).toEqual([]);
  });

  it('leaves the trainer as it was: the next run has the bits of a first one', async () => {
    const spec = smallSpec({ augmentation: 'pad_crop' });
    const expected = bitsOf(await recordRun(await openTrainer(), spec));
    const stop = new AbortController();
    expectStopped(await failure(spec, { ...silent, epoch: () => stop.abort() }, stop.signal));
    expect(bitsOf(await recordRun(trainer, spec))).toEqual(expected);
  });
});
