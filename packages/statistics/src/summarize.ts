// Summaries of one sample: count, mean, standard deviation and Cohen's d_z.
import { OutOfRangeError, TooFewValuesError } from './errors.ts';

/** sd is the sample standard deviation (divisor n - 1), null for a single value. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  readonly sd: number | null;
}

/**
 * Count, mean and standard deviation, in two passes.
 * @throws TooFewValuesError for an empty list, OutOfRangeError when a value is not finite.
 */
export function summarize(values: readonly number[]): Summary {
  const n = values.length;
  if (n === 0) throw new TooFewValuesError('values', 0, 1);
  for (const value of values) if (!Number.isFinite(value)) throw new OutOfRangeError('value', value, 'finite');
  const first = values[0];
  // The mean of a constant sample is that constant to the last bit, so that its spread is 0, not rounding noise.
  const mean = first + values.reduce((sum, value) => sum + (value - first), 0) / n;
  if (n === 1) return { n, mean, sd: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, sd: Math.sqrt(squares / (n - 1)) };
}

/** Cohen's d_z of paired differences: mean / SD; null when there is no spread to divide by. */
export function cohenDz(differences: readonly number[]): number | null {
  const { mean, sd } = summarize(differences);
  return sd === null || sd === 0 ? null : mean / sd;
}
