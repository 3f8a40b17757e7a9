// Nothing of one run is visible to the next: whatever a trainer did before, a run has the bits and leaves the memory of a first one.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { DivergedError } from './failure.ts';
import { bitsOf, type Given, openTrainer, recordRun, smallSpec } from './recorded-run.ts';
import type { Trainer } from './trainer.ts';

let used: Trainer;
beforeAll(async () => {
  used = await openTrainer('ahead');
});

/** Tensors, their data and bytes; what the backend keeps for itself is the same after any number of runs. */
const memory = () => {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return { numTensors, numDataBuffers, numBytes };
};

/** The run on a trainer of its own, whose batches are prepared in their turn. */
const first = async (given: Given, seed?: number): Promise<unknown> =>
  bitsOf(await recordRun(await openTrainer('in_turn'), smallSpec(given, seed)));
const again = async (given: Given, seed?: number): Promise<unknown> =>
  bitsOf(await recordRun(used, smallSpec(given, seed)));

const A: Given = { augmentation: ['pad_crop_flip', 'cutmix_sample'], seedingMode: 'inherited_persistent' };

describe('a run is what it is on a new trainer', () => {
  it.each<[string, Given]>([
    ['another seeding mode and order', { ...A, seedingMode: 'modern', loader: { order: 'torch_exact' } }],
    ['other images and sizes', { dataset: { trainSize: 50, validationSize: 20, testSize: 30, splitSeed: 9 } }],
    ['batch norm, TRADES and averages', { model: 'tiny-cnn-bn', method: 'trades', averaging: { decay: 0.9 } }],
    ['normalised pixels and mixed batches', { normalisation: 'dataset', augmentation: 'mixup_batch' }],
    ['perturbed weights', { awp: { gamma: 0.01 }, model: 'mnist_net', epochs: 1 }],
    ['replays', { method: 'free', attack: { steps: 1, replays: 3 }, augmentation: 'auto_augment' }],
    ['a guard', { method: 'fgsm', attack: { steps: 1 }, optimizer: { name: 'sgd' } }],
    ['dropout', { model: 'small-cnn', epochs: 1, dataset: { trainSize: 20 } }],
  ])('before, after and with %s', async (_, B) => {
    const before = memory();
    const [ofA, ofB] = [await first(A), await first(B)];
    expect(await again(A)).toEqual(ofA);
    expect(await again(B)).toEqual(ofB);
    expect(await again(A)).toEqual(ofA);
    const together = await Promise.all([again(B), again(A)]);
    expect(together).toEqual([ofB, ofA]);
    expect(memory()).toEqual(before);
  });

  const failing: Given = { batchSize: 5, optimizer: { name: 'sgd', learningRate: 100, weightDecay: 1 } };
  it.each<[string, () => Promise<unknown>, unknown]>([
    ['diverged', () => recordRun(used, smallSpec({ ...A, ...failing })), DivergedError],
    ['failed in a listener', () => used.run(smallSpec(A), { audit: () => {}, epoch: throwError }), RangeError],
    ['was refused', () => recordRun(used, smallSpec(A, -1)), Error],
    ['was stopped', () => used.run(smallSpec(A), ...stoppedAfterAnEpoch()), DOMException],
  ])('after one that %s', async (_, fail, kind) => {
    const expected = await first(A);
    const before = memory();
    expect(await fail().catch((error: unknown) => error)).toBeInstanceOf(kind);
    expect(memory()).toEqual(before);
    expect(await again(A)).toEqual(expected);
    expect(memory()).toEqual(before);
  });
});

function throwError(): never {
  throw new RangeError('the disk is full');
}

function stoppedAfterAnEpoch(): [Parameters<Trainer['run']>[1], AbortSignal] {
  const stop = new AbortController();
  return [{ audit: () => {}, epoch: () => stop.abort() }, stop.signal];
}
