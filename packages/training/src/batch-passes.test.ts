// What batch norm and dropout do in each kind of pass: which statistics move, how often, and which masks are drawn.
import { getModel } from '@reseed/models';
import { dropoutStream } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { BatchPasses, type PassKind } from './batch-passes.ts';
import { type Given, openTrainer, recordRun, smallSpec } from './recorded-run.ts';
import type { StoredCheckpoint } from './run-checkpoints.ts';
import { decodeCheckpoint } from './checkpoint.ts';
import type { Trainer } from './trainer.ts';

let trainer: Trainer;
beforeAll(async () => {
  trainer = await openTrainer();
});

/** Running statistics after one step on one batch whose attack changes nothing, so that all passes see the same images. */
async function statisticsAfter(given: Given): Promise<Float32Array> {
  const base = { model: 'tiny-cnn-bn', epochs: 1, batchSize: 20, dataset: { trainSize: 20 } };
  const kept: StoredCheckpoint[] = [];
  const checkpoints = {
    async *newestFirst() {},
    keep: async (checkpoint: StoredCheckpoint) => void kept.push(checkpoint),
  };
  const spec = smallSpec({ ...base, ...given, attack: { epsilon: 0, init: 'zero', ...(given.attack as Given) } });
  await trainer.run(spec, { audit: () => {}, epoch: () => {} }, undefined, checkpoints);
  return decodeCheckpoint(kept[0].body).vectors.get('statistics') as Float32Array;
}

describe('running statistics', () => {
  it.each<[string, Given, number]>([
    ['plain training', { method: 'plain' }, 1],
    ['pgd-2 in training mode: each gradient step and the step of the weights', {}, 3],
    ['pgd-2 in evaluation mode', { attack: { batchNorm: 'eval' } }, 1],
    ['pgd-2 by the statistics of the batch', { attack: { batchNorm: 'batch_stats' } }, 1],
    ['trades: the clean and the adversarial images', { method: 'trades' }, 2],
    ['perturbed weights, whose own gradient is taken on a copy', { awp: { gamma: 1e-9 } }, 3],
    ['free training of each replay', { method: 'free', attack: { steps: 1, replays: 1 } }, 1],
  ])('follow every pass of %s', async (_, given, passes) => {
    const once = await statisticsAfter({ method: 'plain' });
    const found = await statisticsAfter(given);
    // The first batch norm sees the images through the same weights in every pass: a mix of 0.9 old and 0.1 new each.
    const means = found.subarray(0, 16).map((mean, i) => mean / once[i]);
    for (const ratio of means) expect(ratio).toBeCloseTo((1 - 0.9 ** passes) / 0.1, 4);
  });

  it('are what a model is evaluated by: in batches of any size it is as accurate', async () => {
    const spec = (batchSize: number) =>
      smallSpec({ model: 'tiny-cnn-bn', epochs: 3, optimizer: { learningRate: 0.01 }, evaluation: { batchSize } });
    const [whole, single] = [await recordRun(trainer, spec(250)), await recordRun(trainer, spec(3))];
    expect(single.result.metrics).toEqual(whole.result.metrics);
    expect(whole.result.metrics.cleanAccuracy).toBeGreaterThan(0.2);
  });

  it('belong to the weight hash', async () => {
    const hash = async (attack: Given) =>
      (await recordRun(trainer, smallSpec({ model: 'tiny-cnn-bn', epochs: 1, attack }))).result.weightHash;
    // A first step of the same weights: the modes differ in what the statistics saw.
    expect(await hash({ batchNorm: 'train' })).not.toBe(await hash({ batchNorm: 'batch_stats' }));
  });
});

describe('dropout', () => {
  const model = getModel('small-cnn');
  const place = { epoch: 3, batch: 5 };
  const images = () => tf.fill([4, 28, 28, 1], 0.5) as tf.Tensor4D;
  // The last layer starts at 0, so that masks would not show.
  const weights = () => model.initialise(1).map((tensor) => tf.add(tensor, 0.01));
  const passes = (crafting: 'train' | 'eval' | 'batch_stats') =>
    new BatchPasses({ model, seed: 7, place, crafting }, []);

  it('draws the masks of each layer from its own stream, pass after pass', () => {
    const [x, w] = [images(), weights()];
    const streams = new Map<number, ReturnType<typeof dropoutStream>>();
    const byHand = () =>
      model.forward(w, x, {
        batchNorm: 'train',
        buffers: [],
        dropout: (layer, shape, rate) => {
          const stream = streams.get(layer) ?? dropoutStream(7, 3, 5, layer);
          streams.set(layer, stream);
          const kept = Array.from({ length: shape.reduce((a, b) => a * b) }, () => Number(stream.rand() < 1 - rate));
          return tf.tensor(kept, [...shape]);
        },
      });
    const found = passes('train');
    const logits = [0, 1].map(() => Array.from(found.forward('learn', w, x).dataSync()));
    expect(logits).toEqual([0, 1].map(() => Array.from(byHand().dataSync())));
    expect(logits[0]).not.toEqual(logits[1]);
    expect(streams.size).toBeGreaterThan(0);
  });

  it.each<[PassKind, 'train' | 'eval' | 'batch_stats', boolean]>([
    ['learn', 'eval', true],
    ['probe', 'eval', true],
    ['craft', 'train', true],
    ['craft', 'eval', false],
    ['craft', 'batch_stats', false],
  ])('in a pass to %s with attacks in mode %s: %s', (kind, crafting, drops) => {
    const [x, w] = [images(), weights()];
    const logits = passes(crafting).forward(kind, w, x).dataSync();
    const evaluated = model.forward(w, x, { batchNorm: 'eval', buffers: [] }).dataSync();
    expect(Array.from(logits).some((value, i) => value !== evaluated[i])).toBe(drops);
  });
});
