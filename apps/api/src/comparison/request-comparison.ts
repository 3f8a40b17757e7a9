// A comparison asked for in the query string, after the fact: always exploratory.
import { AXES, type ComparisonPlan, METRIC_NAMES, unknownName } from '@reseed/experiment';
import { z } from 'zod';
import { ApiError } from '../errors/api-error.ts';

export const comparisonQuery = z.strictObject({
  factor: z.string().optional().describe('an axis; with it the comparisons of the grid are left out'),
  baseline: z.string().optional().describe('level that others are compared with, as JSON or a bare name'),
  metric: z.enum(METRIC_NAMES).default('robustAccuracyFinal'),
  margin: z.coerce.number().gt(0).max(1).default(0.01).describe('largest difference that does not matter'),
});
export type ComparisonQuery = z.output<typeof comparisonQuery>;

function readLevel(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * @returns undefined when the query asks for the comparisons that the grid declared
 * @throws ApiError query_invalid for an unknown axis (with the nearest name), or one of factor and baseline alone
 */
export function requestedPlan({ factor, baseline, metric, margin }: ComparisonQuery): ComparisonPlan | undefined {
  if (factor === undefined && baseline === undefined) return undefined;
  const refuse = (issue: { field: string; message: string }) =>
    new ApiError('query_invalid', { issues: [issue] }, `${issue.field}: ${issue.message}`);
  if (factor === undefined) throw refuse({ field: 'factor', message: 'it is missing, and baseline is given' });
  if (!AXES.has(factor)) throw refuse(unknownName('factor', factor, AXES.keys()));
  if (baseline === undefined) throw refuse({ field: 'baseline', message: 'it is missing, and factor is given' });
  return { id: 'requested', factor, baseline: readLevel(baseline), metric, margin, role: 'exploratory' };
}
