// The shape in which a comparison is answered: one row per level and baseline inside each group of the other axes.
import { METRIC_NAMES, RUN_STATES } from '@reseed/experiment';
import { z } from 'zod';
import { failureKinds } from './run-schemas.ts';

const number = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]).readonly().nullable();
const levels = z.record(z.string(), z.unknown()).readonly();

const absentRun = z.object({
  seed: z.int(),
  side: z.enum(['level', 'baseline']),
  run: z.uuid().nullable(),
  state: z.enum([...RUN_STATES, 'absent']),
  failure: z.enum(failureKinds).nullable(),
  reason: z.string().describe('why there is no number'),
});

const comparisonRow = z.object({
  id: z.string(),
  role: z.enum(['primary', 'control', 'exploratory']),
  factor: z.string(),
  by: levels.describe('the other axes of the grid'),
  level: z.unknown(),
  baseline: z.unknown(),
  metric: z.enum(METRIC_NAMES),
  direction: z.enum(['higherIsBetter', 'lowerIsBetter']),
  margin: z.number().describe('largest difference that does not matter'),
  expect: z.string().nullable(),
  paired: z.boolean(),
  n: z.int().describe('complete pairs'),
  nLevel: z.int(),
  nBaseline: z.int(),
  meanDifference: number.describe('level − baseline'),
  sd: number.describe('of the paired differences'),
  dz: number,
  ci95: interval.describe('95 % t interval of the mean difference'),
  ci90: interval.describe('90 % t interval: inside ±margin means equivalent'),
  pPairedT: number,
  adjustment: z.enum(['holm', 'benjamini-hochberg', 'none']),
  pAdjusted: number,
  pHolm: number,
  pTost: number,
  pTostHolm: number,
  pSignFlip: number.describe('unadjusted'),
  minAttainableP: number,
  verdict: z.enum(['better', 'worse', 'equivalent', 'undecided']),
  identical: z.boolean().describe('every pair is exactly equal'),
  differs: z.boolean().describe('the difference is real, whatever its size'),
  withheld: z.boolean().describe('the verdict is kept back, because gates against masked gradients failed'),
  reason: z.string().nullable().describe('why it is undecided, or withheld'),
  seedsNeeded: z.int().nullable().describe('seeds in total that would settle it'),
  pairs: z
    .array(
      z.object({
        seed: z.int(),
        runs: z.object({ level: z.uuid(), baseline: z.uuid() }),
        difference: z.number(),
        acrossBackends: z.boolean(),
      }),
    )
    .readonly(),
  missing: z.array(absentRun).readonly().describe('runs that give no number; their pairs are left out'),
  diverged: z.array(absentRun).readonly(),
  backends: z.array(z.string()).readonly(),
  gatesFailed: z
    .array(z.object({ runId: z.uuid(), gates: z.array(z.string()).readonly() }))
    .readonly()
    .describe('runs of complete pairs in which gates failed; any withholds a verdict about robustness'),
  stopped: z
    .object({ level: z.int(), baseline: z.int() })
    .describe('how many runs of complete pairs ended before their last epoch'),
  warnings: z.array(z.string()).readonly().describe('what forbids no verdict and should be known with it'),
});

export const comparisonAnswer = z.object({
  rows: z.array(comparisonRow),
  withoutBaseline: z
    .array(z.object({ id: z.string(), by: levels, level: z.unknown() }))
    .describe('levels that have nothing to be compared with'),
});
