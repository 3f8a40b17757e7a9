// A run that goes on from any of its checkpoints ends with the bits of one that was never stopped.
import type { EpochMetrics, RunSpec } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointError, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { bitsOf, type Given, openTrainer, type RecordedRun, smallSpec } from './recorded-run.ts';
import type { RunCheckpoints, StoredCheckpoint } from './run-checkpoints.ts';
import type { Trainer } from './trainer.ts';

/** Whole runs have batches prepared ahead of their checkpoints, which must not show it; so has every other one that goes on. */
let trainers: Readonly<Record<'ahead' | 'in_turn', Trainer>>;
let tensors: number;
beforeAll(async () => {
  trainers = { ahead: await openTrainer('ahead'), in_turn: await openTrainer('in_turn') };
});
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensors);
});

/** In memory; `given` is what is there before the run, in any order. */
class KeptCheckpoints implements RunCheckpoints {
  readonly kept: StoredCheckpoint[] = [];
  constructor(readonly given: readonly StoredCheckpoint[] = []) {}
  async *newestFirst(): AsyncIterable<StoredCheckpoint> {
    yield* this.given.toSorted((a, b) => b.epoch - a.epoch);
  }
  async keep(checkpoint: StoredCheckpoint): Promise<void> {
    this.kept.push(checkpoint);
  }
}

interface ResumedRun extends RecordedRun {
  readonly files: Readonly<Record<string, string>>;
  readonly checkpoints: KeptCheckpoints;
}

async function record(spec: RunSpec, given: readonly StoredCheckpoint[] = []): Promise<ResumedRun> {
  const checkpoints = new KeptCheckpoints(given);
  const epochs: EpochMetrics[] = [];
  const audits: RecordedRun['audits'][number][] = [];
  const files: Record<string, string> = {};
  const preparation = given.length === 0 || given[0].epoch % 2 === 1 ? 'ahead' : 'in_turn';
  const result = await trainers[preparation].run(
    spec,
    {
      audit: (audit) => audits.push(audit),
      epoch: (metrics) => epochs.push(metrics),
      weights: (trained) => {
        for (const [name, bytes] of Object.entries(trained)) files[name] = Buffer.from(bytes).toString('base64');
      },
    },
    undefined,
    checkpoints,
  );
  return { result, epochs, audits, files, checkpoints };
}

/** Seven epochs, so that the first are neither tested nor all validated. */
const LONG: Given = {
  epochs: 7,
  dataset: { trainSize: 30, validationSize: 20, testSize: 20 },
  batchSize: 8,
  augmentation: 'pad_crop',
  evaluation: { every: 2, steps: 1 },
};

describe('a run stopped after any epoch goes on to the same bits', () => {
  it.each<[string, Given]>([
    ['plain', { method: 'plain' }],
    ['fgsm, guarded', { method: 'fgsm', attack: { steps: 1 } }],
    ['pgd', {}],
    ['pgd in l2 from a persistent stream', { attack: { norm: 'l2', epsilon: 1 }, seedingMode: 'inherited_persistent' }],
    ['free', { method: 'free', attack: { steps: 1, replays: 2 } }],
    ['trades', { method: 'trades', averaging: { decay: 0.9, startFraction: 0.3 } }],
    ['mart on perturbed weights', { method: 'mart', awp: { gamma: 0.01 } }],
    ['batch norm and sgd', { model: 'tiny-cnn-bn', optimizer: { name: 'sgd', learningRate: 0.01 } }],
    ['batch norm and averages', { model: 'tiny-cnn-bn', averaging: { decay: 0.9 } }],
    ['sgd without momentum', { optimizer: { name: 'sgd', momentum: 0 }, seedingMode: 'main_precomputed' }],
    ['mixed batches and one stream', { augmentation: 'cutmix_batch', seedingMode: 'modern_persistent' }],
    ['patience', { stopping: { patience: 2 }, optimizer: { learningRate: 1e-9 } }],
  ])('%s', async (_, given) => {
    const spec = smallSpec({ ...LONG, ...given });
    const whole = await record(spec);
    const { kept } = whole.checkpoints;
    // A run that its guard ends leaves the checkpoint of its last good epoch once more, with the reason.
    expect([...new Set(kept.map(({ epoch }) => epoch))]).toEqual(whole.epochs.map(({ epoch }) => epoch));
    for (const [i, { epoch, body }] of kept.entries()) {
      const resumed = await record(spec, [{ epoch, body }]);
      expect(bitsOf(resumed), `after epoch ${epoch}`).toEqual(bitsOf(whole));
      expect(resumed.files).toEqual(whole.files);
      expect(resumed.checkpoints.kept).toHaveLength(kept.length - 1 - i);
    }
  });

  it('dropout', async () => {
    const spec = smallSpec({ ...LONG, model: 'small-cnn', epochs: 2, dataset: { trainSize: 12 } });
    const whole = await record(spec);
    expect(bitsOf(await record(spec, whole.checkpoints.kept.slice(0, 1)))).toEqual(bitsOf(whole));
  });

  it('counts the time and the work of all its attempts', async () => {
    const spec = smallSpec(LONG);
    const { result, checkpoints } = await record(spec);
    const resumed = await record(spec, checkpoints.kept.slice(-1));
    const passes = ({ seconds, imagePassesPerSecond }: typeof result) => seconds * imagePassesPerSecond;
    expect(passes(resumed.result)).toBeGreaterThan(0.8 * passes(result));
    expect(resumed.result.seconds).toBeGreaterThan(resumed.epochs.reduce((sum, { seconds }) => sum + seconds, 0));
  });
});

describe('a checkpoint that cannot be used', () => {
  const spec = smallSpec(LONG);
  let whole: ResumedRun;
  beforeAll(async () => {
    whole = await record(spec);
  });

  it.each<[string, (body: Uint8Array) => Uint8Array | Promise<Uint8Array>]>([
    ['nothing', () => new Uint8Array()],
    ['a piece of one', (body) => body.subarray(0, 1000)],
    ['one that lost its end', (body) => body.subarray(0, body.length - 4)],
    [
      'another format',
      (body) =>
        new Uint8Array(Buffer.from(Buffer.from(body).toString('latin1').replace('"format":1', '"format":0'), 'latin1')),
    ],
    ['another seed', async () => (await record({ ...spec, seed: 1 })).checkpoints.kept[5].body],
    [
      'another model',
      async () => (await record(smallSpec({ ...LONG, model: 'linear-softmax' }))).checkpoints.kept[5].body,
    ],
    [
      'another backend',
      (body) => {
        const { facts, vectors } = decodeCheckpoint<{ backendClass: string }>(body);
        return encodeCheckpoint({ facts: { ...facts, backendClass: 'abacus' }, vectors });
      },
    ],
  ])('%s: the one before it is taken', async (_, damage) => {
    const [, , , fourth, , sixth] = whole.checkpoints.kept;
    const damaged = { epoch: sixth.epoch, body: await damage(sixth.body) };
    const resumed = await record(spec, [fourth, damaged]);
    expect(bitsOf(resumed)).toEqual(bitsOf(whole));
    expect(resumed.checkpoints.kept.map(({ epoch }) => epoch)).toEqual([4, 5, 6]);
  });

  it('is the same wherever its bytes lie, in a Buffer too, whose slices are views', () => {
    const { body } = whole.checkpoints.kept[5];
    const expected = decodeCheckpoint(body);
    for (const offset of [0, 1, 2, 3, 64]) {
      const buffer = Buffer.concat([Buffer.alloc(offset, 7), body, Buffer.alloc(5, 7)]);
      const found = decodeCheckpoint(buffer.subarray(offset, offset + body.length));
      expect(found.facts).toEqual(expected.facts);
      expect([...found.vectors]).toEqual([...expected.vectors]);
    }
  });

  it('says what it is', () => {
    expect(() => decodeCheckpoint(new Uint8Array(3))).toThrow(CheckpointError);
    expect(() => decodeCheckpoint(whole.checkpoints.kept[0].body.subarray(0, 500))).toThrow('500 bytes');
  });
});
