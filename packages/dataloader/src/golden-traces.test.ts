// Orders, workers and draws against those that the real DataLoader of PyTorch gave, and against NumPy in the counter modes.
import { readFileSync } from 'node:fs';
import type { SeedingMode } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';
import { auditRun } from './audit-run.ts';
import { createLoader } from './create-loader.ts';
import type { LoaderOptions } from './loader-options.ts';
import { drawsByIndex, goldenDraws, record, recordRun } from './recorded-epoch.ts';

/** The sizes that both golden files of the DataLoader give. */
interface GoldenLoader {
  mode: SeedingMode;
  N: number;
  B: number;
  W: number;
  shuffle: boolean;
  seed: number;
  generator_seed: number | null;
  drop_last: boolean;
}
interface Trace extends GoldenLoader {
  prefetch: number | null;
  epochs: { index: number[]; worker: number[]; draws: number[][] }[];
}
interface Duplication extends GoldenLoader {
  epochs: number;
  samples_per_epoch: number;
  distinct_draws_per_epoch: number[];
  distinct_draws_all_epochs: number;
  mean_distinct_draws_per_sample: number;
  expected_per_epoch: number;
  expected_all: number;
}
interface CounterModes {
  seed: number;
  /** [epoch][sample] */
  per_sample: number[][][];
  /** [sample] */
  fixed_per_sample: number[][];
}

const golden = (file: string) => JSON.parse(readFileSync(new URL(`../golden/${file}.json`, import.meta.url), 'utf8'));
const { traces } = golden('dataloader_traces') as { traces: Trace[] };
const { rows } = golden('dataloader_duplication') as { rows: Duplication[] };
const { cases } = golden('counter_modes') as { cases: CounterModes[] };

/** The C of the vectors' const_worker. */
const GOLDEN_CONSTANT = 1000;

function loaderOf({ mode, N, B, W, shuffle, seed, generator_seed, drop_last }: GoldenLoader): LoaderOptions<number[]> {
  return {
    seed,
    sampleCount: N,
    batchSize: B,
    loader: {
      workers: W,
      order: 'torch_exact',
      shuffle: shuffle ? 'reshuffle' : 'sequential',
      dropLast: drop_last,
    },
    seedingMode: mode,
    draws: goldenDraws,
    constant: GOLDEN_CONSTANT,
    ...(generator_seed === null ? {} : { generatorSeed: generator_seed }),
  };
}

const nameOf = ({ mode, N, B, W, shuffle, seed, generator_seed, drop_last }: GoldenLoader): string =>
  `${mode} N=${N} B=${B} W=${W} ${shuffle ? 'shuffled' : 'in order'} seed ${seed}, generator ${generator_seed}${drop_last ? ', drop_last' : ''}`;

describe('traces of the real DataLoader', () => {
  it('are there for every mode that PyTorch itself can be in, with and without workers', () => {
    expect(new Set(traces.map(({ mode }) => mode))).toEqual(new Set(['modern', 'inherited', 'const_worker']));
    expect(traces).toHaveLength(48);
    expect(traces.filter(({ W }) => W === 0)).toHaveLength(4);
    expect(traces.filter(({ generator_seed }) => generator_seed !== null)).toHaveLength(4);
  });

  it.each(traces.map((trace) => ({ name: `${nameOf(trace)}, prefetch ${trace.prefetch}`, trace })))(
    '$name',
    ({ trace }) => {
      expect(recordRun(loaderOf(trace), trace.epochs.length)).toEqual(trace.epochs);
    },
  );

  it.each(traces.filter(({ W }) => W === 0).map((trace) => ({ name: nameOf(trace), trace })))(
    'without workers every mode of a worker is single_process: $name',
    ({ trace }) => {
      for (const mode of ['single_process', 'inherited', 'const_worker', 'shared_fresh'] as const) {
        expect(recordRun(loaderOf({ ...trace, mode }), trace.epochs.length), mode).toEqual(trace.epochs);
      }
    },
  );

  const inOrder = traces.filter(({ shuffle, generator_seed }) => !shuffle && generator_seed === null);
  it.each(inOrder.map((trace) => ({ name: nameOf(trace), trace })))(
    'decoupled, each position keeps the draws of an unshuffled DataLoader in any order: $name',
    ({ trace }) => {
      const options = loaderOf(trace);
      for (const shuffle of ['reshuffle', 'fixed', 'sequential'] as const) {
        const loader = { ...options.loader, order: 'decoupled', shuffle } as const;
        const run = recordRun({ ...options, loader }, trace.epochs.length);
        expect(
          run.map(({ draws }) => draws),
          shuffle,
        ).toEqual(trace.epochs.map(({ draws }) => draws));
      }
    },
  );
});

describe('duplication counted in those traces', () => {
  it.each(rows.map((row) => ({ name: nameOf(row), row })))('$name', ({ row }) => {
    const audit = auditRun({ ...loaderOf(row), epochs: row.epochs });
    expect(new Set(row.distinct_draws_per_epoch)).toEqual(new Set([row.expected_per_epoch]));
    expect(audit).toMatchObject({
      samplesPerEpoch: row.samples_per_epoch,
      distinctBlocksPerEpoch: { counted: row.expected_per_epoch, closedForm: row.expected_per_epoch },
      distinctBlocksPerRun: { counted: row.distinct_draws_all_epochs, closedForm: row.expected_all },
      agrees: true,
    });
    // Written with six decimals.
    expect(audit.meanDistinctParametersPerSample).toBeCloseTo(row.mean_distinct_draws_per_sample, 6);
  });
});

describe.each(cases)('counter modes of seed $seed', ({ seed, per_sample, fixed_per_sample }) => {
  const sampleCount = fixed_per_sample.length;
  const options = (seedingMode: SeedingMode): LoaderOptions<number[]> => ({
    seed,
    sampleCount,
    batchSize: 3,
    loader: { workers: 2, order: 'decoupled', shuffle: 'reshuffle', dropLast: false },
    seedingMode,
    draws: goldenDraws,
  });
  const bySample = (epoch: Parameters<typeof drawsByIndex>[0]) =>
    [...drawsByIndex(epoch)].sort(([a], [b]) => a - b).map(([, draws]) => draws);

  it('per_sample', () => {
    expect(recordRun(options('per_sample'), per_sample.length).map(bySample)).toEqual(per_sample);
  });

  it('fixed_per_sample', () => {
    expect(recordRun(options('fixed_per_sample'), 2).map(bySample)).toEqual([fixed_per_sample, fixed_per_sample]);
  });

  it('shared_fresh starts every worker of epoch e with SS(seed, e), which is SS(seed, e, 0)', () => {
    const loader = createLoader(options('shared_fresh'));
    per_sample.forEach((samples, epoch) => {
      const { worker, draws } = record(loader.epoch(epoch));
      expect([0, 1].map((w) => draws[worker.indexOf(w)])).toEqual([samples[0], samples[0]]);
    });
  });
});
