// Orders, workers and draws against those that the real DataLoader of PyTorch gave, all 292 traces.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditRun } from './audit-run.ts';
import { isExpected } from './closed-form.ts';
import { goldenLoader, type GoldenSizes, goldenTraces, nameOfTrace } from './golden-loader.ts';
import { recordRun } from './recorded-epoch.ts';
import { TRACE_MODES, traceLoader } from './trace-loader.ts';

interface Duplication extends GoldenSizes {
  epochs: number;
  samples_per_epoch: number;
  distinct_draws_per_epoch: number[];
  distinct_draws_all_epochs: number;
  mean_distinct_draws_per_sample: number;
  expected_per_epoch: number | number[] | null;
  expected_all: number | null;
}
const duplicationFile = new URL('../golden/dataloader_duplication.json', import.meta.url);
const { rows } = JSON.parse(readFileSync(duplicationFile, 'utf8')) as { rows: Duplication[] };

describe('traces of the real DataLoader', () => {
  it('are there for every mode of a trace, with and without workers', () => {
    expect(new Set(goldenTraces.map(({ mode }) => mode))).toEqual(new Set(TRACE_MODES));
    expect(goldenTraces).toHaveLength(292);
    expect(goldenTraces.filter(({ W }) => W === 0)).toHaveLength(28);
    expect(goldenTraces.filter(({ generator_seed }) => generator_seed !== null)).toHaveLength(6);
  });

  it.each(goldenTraces.map((trace) => ({ name: nameOfTrace(trace), trace })))('$name', ({ trace }) => {
    const { mode, N, B, W, seed, shuffle, drop_last, generator_seed, prefetch, epochs } = trace;
    const traced = traceLoader({
      mode,
      seed,
      samples: N,
      batchSize: B,
      workers: W,
      epochs: epochs.length,
      shuffle,
      dropLast: drop_last,
      constant: 1000,
      ...(generator_seed === null ? {} : { generatorSeed: generator_seed }),
    });
    expect({ ...traced, prefetch }).toEqual(trace);
  });
});

describe('a trace decoupled from its order', () => {
  const inOrder = goldenTraces.filter(({ shuffle, generator_seed }) => !shuffle && generator_seed === null);
  it.each(inOrder.map((trace) => ({ name: nameOfTrace(trace), trace })))(
    'keeps at each position the draws of an unshuffled DataLoader, in any order: $name',
    ({ trace }) => {
      const options = goldenLoader(trace);
      if (trace.kind === 'col' || trace.kind === 'pre') return;
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
  it.each(rows.map((row) => ({ name: nameOfTrace(row), row })))('$name', ({ row }) => {
    const audit = auditRun({ ...goldenLoader(row), epochs: row.epochs });
    expect(audit.samplesPerEpoch).toBe(row.samples_per_epoch);
    expect(audit.distinctBlocksPerEpoch.counted).toBe(Math.min(...row.distinct_draws_per_epoch));
    expect(audit.distinctBlocksPerRun.counted).toBe(row.distinct_draws_all_epochs);
    expect(audit.agrees).toBe(true);
    const { closedForm } = audit.distinctBlocksPerRun;
    if (row.expected_all !== null) expect(isExpected(row.expected_all, closedForm)).toBe(true);
    // Written with six decimals.
    expect(audit.meanDistinctParametersPerSample).toBeCloseTo(row.mean_distinct_draws_per_sample, 6);
  });
});
