// Two-sided t tests of a zero mean difference, paired (Student 1908) or of independent arms (Welch 1947).
import { pairedEstimate, welchEstimate, type Estimate } from './estimate.ts';
import { studentTTwoSided } from './student-t-distribution.ts';

export interface TTest {
  readonly t: number;
  readonly degreesOfFreedom: number;
  /** Two-sided. */
  readonly p: number;
}

/** The t test of an estimate; null when its standard error is 0, because then t does not exist. */
export function tTest({ mean, standardError, degreesOfFreedom }: Estimate): TTest | null {
  if (standardError === 0) return null;
  const t = mean / standardError;
  return { t, degreesOfFreedom, p: studentTTwoSided(t, degreesOfFreedom) };
}

/**
 * The paired t test; null when all differences are equal.
 * @throws TooFewValuesError below two differences.
 */
export function pairedTTest(differences: readonly number[]): TTest | null {
  return tTest(pairedEstimate(differences));
}

/**
 * Welch's t test of level against baseline; null when neither arm varies.
 * @throws TooFewValuesError when an arm has fewer than two values.
 */
export function welchTTest(level: readonly number[], baseline: readonly number[]): TTest | null {
  return tTest(welchEstimate(level, baseline));
}
