// The table says what its numbers do not: a withheld verdict, unequal early stops, runs without a number.
import type { ComparisonRow, ExperimentView } from '@reseed/api';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { comparisonTable } from './comparison-table.ts';
import { progressLine } from './watch-experiment.ts';

const row: ComparisonRow = {
  id: 'comparison-1',
  role: 'primary',
  metric: 'robustAccuracyFinal',
  direction: 'higherIsBetter',
  margin: 0.01,
  factor: 'seedingMode',
  by: {},
  level: 'inherited',
  baseline: 'modern',
  expect: null,
  paired: true,
  n: 2,
  nLevel: 2,
  nBaseline: 2,
  meanDifference: 0.0525,
  sd: 0.001,
  dz: 52.5,
  ci95: [0.04, 0.065],
  ci90: [0.045, 0.06],
  pPairedT: 0.01,
  adjustment: 'holm',
  pAdjusted: 0.01,
  pHolm: 0.01,
  pTost: 1,
  pTostHolm: 1,
  pSignFlip: 0.5,
  minAttainableP: 0.5,
  verdict: 'better',
  identical: false,
  differs: true,
  reason: null,
  seedsNeeded: 2,
  pairs: [],
  missing: [],
  diverged: [],
  backends: ['wasm'],
  withheld: false,
  gatesFailed: [],
  stopped: { level: 0, baseline: 0 },
  warnings: [],
};
const linesOf = (given: Partial<ComparisonRow>) =>
  stripVTControlCharacters(comparisonTable([{ ...row, ...given }])).split('\n');
const notesOf = (given: Partial<ComparisonRow>) =>
  linesOf(given).filter((line) => line.startsWith('  inherited − modern: '));

it('adds nothing to a row that is decided and complete', () => {
  expect(linesOf({}).some((line) => line.includes('better (differs)'))).toBe(true);
  expect(notesOf({})).toEqual([]);
});

it('marks a withheld verdict beside its numbers and gives the reason', () => {
  const withheld = {
    verdict: 'undecided',
    differs: false,
    withheld: true,
    reason: 'gates failed in 2 of 4 runs',
  } as const;
  const line = linesOf(withheld).find((one) => one.includes('undecided (withheld)'));
  expect(line).toContain('+5.25');
  expect(line).toContain('[+4.00, +6.50]');
  expect(notesOf(withheld)).toEqual(['  inherited − modern: gates failed in 2 of 4 runs']);
});

it('lists warnings, and every run without a number with its side and reason', () => {
  const absent = {
    run: null,
    state: 'succeeded',
    failure: null,
    reason: 'the run reports no robustAccuracyFinal',
  } as const;
  const missing = [{ ...absent, seed: 7, side: 'baseline' as const }];
  expect(notesOf({ warnings: ['training ended early in 1 of 2 runs of the level'], missing })).toEqual([
    '  inherited − modern: training ended early in 1 of 2 runs of the level',
    '  inherited − modern: seed 7 is not compared, baseline: the run reports no robustAccuracyFinal',
  ]);
});

it('is preceded by a progress line that counts early stops and failed gates, where there are any', () => {
  const counts = { queued: 0, running: 0, succeeded: 5, failed: 0, cancelled: 0 };
  const view = { counts, runs: 5, etaSeconds: null, progress: [], stopped: 0, gatesFailed: 0 };
  const lineOf = (given: Partial<ExperimentView>) => progressLine({ ...view, ...given } as unknown as ExperimentView);
  expect(lineOf({})).toBe('5/5 runs done, 0 running, 0 failed; ETA unknown');
  expect(lineOf({ stopped: 2, gatesFailed: 1 })).toBe(
    '5/5 runs done, 0 running, 0 failed, 2 ended early, 1 failed a gate against masked gradients; ETA unknown',
  );
});
