// The comparisons a grid declares before it runs: factor, baseline, metric, margin and role.
import { z } from 'zod';
import { METRIC_NAMES } from './run-result.ts';

export const comparisonPlanSchema = z.strictObject({
  id: z.string().min(1).max(64).optional().describe('name of the comparison; comparison-1, -2, … by default'),
  factor: z.string().describe('the axis whose levels are compared'),
  baseline: z.unknown().describe('the level that others are compared with'),
  levels: z.array(z.unknown()).min(1).optional().describe('the levels to compare; all but the baseline by default'),
  where: z.record(z.string(), z.unknown()).optional().describe('only conditions with these axis values'),
  metric: z.enum(METRIC_NAMES),
  margin: z.number().gt(0).max(1).describe('largest difference that does not matter, as a fraction'),
  role: z.enum(['primary', 'control', 'exploratory']).default('primary').describe('primary rows form one Holm family'),
  expect: z.string().max(200).optional().describe('what is expected, in words; recorded, not tested'),
});

/** One declared comparison; `baseline`, `levels` and `where` are matched against conditions as in `exclude`. */
export type ComparisonPlan = z.infer<typeof comparisonPlanSchema> & { readonly id: string };
