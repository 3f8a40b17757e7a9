// The modes whose streams belong to a sample or a batch, or to the parent, written here a second time.
import { type DrawStream, JaxDrawStream, jax, NumpyRandomState, SeedSequence } from '@reseed/rng';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLoader } from './any-loader.ts';
import { batchRawDraws, drawsByIndex, goldenDraws, recordRun } from './recorded-epoch.ts';

const epochCount = fc.integer({ min: 1, max: 4 });
const fromWords = (...entropy: number[]) => new NumpyRandomState(new SeedSequence(entropy).generateState(4));

describe('modes of a sample or a batch', () => {
  interface Unit {
    readonly seed: number;
    readonly epoch: number;
    readonly number: number;
    readonly copy: number;
  }
  const fold = (seed: number, ...data: number[]) => new JaxDrawStream(data.reduce(jax.foldIn, jax.prngKey(seed)));
  const sampleStreams = {
    per_sample: ({ seed, epoch, number, copy }: Unit) =>
      copy === 0 ? fromWords(seed, epoch, number) : fromWords(seed, epoch, number, copy + 1),
    fixed_per_sample: ({ seed, number, copy }: Unit) =>
      copy === 0 ? fromWords(seed, number) : fromWords(seed, 0, number, copy + 1),
    jax_fold_in: ({ seed, epoch, number, copy }: Unit) =>
      copy === 0 ? fold(seed, epoch, number) : fold(seed, epoch, number, copy + 1),
  };
  const batchStreams = {
    per_sample: ({ seed, epoch, number }: Unit) => fromWords(seed, epoch, number, 1),
    per_batch: ({ seed, epoch, number }: Unit) => fromWords(seed, epoch, number, 1),
    fixed_per_sample: ({ seed, number }: Unit) => fromWords(seed, 0, number, 1),
    jax_fold_in: ({ seed, epoch, number }: Unit) => fold(seed, epoch, number, 1),
  };

  it.each(Object.keys(sampleStreams) as (keyof typeof sampleStreams)[])(
    '%s: a stream per epoch, sample and copy, whatever the workers, the batches and the order are',
    (seedingMode) => {
      fc.assert(
        fc.property(anyLoader, epochCount, (options, epochs) => {
          const run = recordRun({ ...options, seedingMode, draws: goldenDraws }, epochs);
          run.forEach(({ index, draws }, epoch) => {
            index.forEach((number, position) => {
              const copy = position % options.loader.batchRepeat;
              const stream = sampleStreams[seedingMode]({ seed: options.seed, epoch, number, copy });
              expect(draws[position]).toEqual(goldenDraws.sample(stream));
            });
          });
        }),
        { numRuns: 40 },
      );
    },
  );

  it.each(Object.keys(batchStreams) as (keyof typeof batchStreams)[])(
    '%s: a stream per epoch and batch',
    (seedingMode) => {
      fc.assert(
        fc.property(anyLoader, epochCount, (options, epochs) => {
          const run = recordRun({ ...options, seedingMode, draws: batchRawDraws }, epochs);
          run.forEach(({ batchDraws }, epoch) => {
            batchDraws.forEach((draws, number) => {
              const stream = batchStreams[seedingMode]({ seed: options.seed, epoch, number, copy: 0 });
              expect(draws).toEqual(batchRawDraws.batch?.(stream, 1));
            });
          });
        }),
        { numRuns: 40 },
      );
    },
  );

  it('main_precomputed: the parent draws option k of all samples before option k + 1, from one stream over the epochs', () => {
    fc.assert(
      fc.property(anyLoader, epochCount, (options, epochs) => {
        const { seed, sampleCount, loader } = options;
        const parent = new NumpyRandomState(seed);
        const entries = sampleCount * loader.batchRepeat;
        for (const { index, draws } of recordRun(
          { ...options, seedingMode: 'main_precomputed', draws: goldenDraws },
          epochs,
        )) {
          const table = [9, 9, 2, 2 ** 32].map((n) => Array.from({ length: entries }, () => parent.randint(0, n)));
          index.forEach((sample, position) => {
            const entry = (position % loader.batchRepeat) * sampleCount + sample;
            expect(draws[position]).toEqual(table.map((chosen) => chosen[entry]));
          });
        }
      }),
      { numRuns: 40 },
    );
  });
});

interface CounterModes {
  seed: number;
  /** [epoch][sample] */
  per_sample: number[][][];
  /** [sample] */
  fixed_per_sample: number[][];
  /** [epoch][batch] */
  per_batch: number[][][];
}
const file = new URL('../golden/counter_modes.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: CounterModes[] };

describe.each(cases)('NumPy’s own draws for seed $seed', ({ seed, per_sample, fixed_per_sample, per_batch }) => {
  const loader = { workers: 2, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 } as const;
  const sizes = { seed, sampleCount: fixed_per_sample.length, batchSize: 3, loader };
  const bySample = (epoch: Parameters<typeof drawsByIndex>[0]) =>
    [...drawsByIndex(epoch)].sort(([a], [b]) => a - b).map(([, draws]) => draws);

  it('per_sample', () => {
    const run = recordRun({ ...sizes, seedingMode: 'per_sample', draws: goldenDraws }, per_sample.length);
    expect(run.map(bySample)).toEqual(per_sample);
  });

  it('fixed_per_sample', () => {
    const run = recordRun({ ...sizes, seedingMode: 'fixed_per_sample', draws: goldenDraws }, 2);
    expect(run.map(bySample)).toEqual([fixed_per_sample, fixed_per_sample]);
  });

  it('per_batch', () => {
    const draws = { sample: () => [], batch: (stream: DrawStream) => goldenDraws.sample(stream) };
    const run = recordRun({ ...sizes, seedingMode: 'per_batch', draws }, per_batch.length);
    expect(run.map(({ batchDraws }) => batchDraws)).toEqual(per_batch);
  });
});
