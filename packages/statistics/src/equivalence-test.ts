// Two one-sided tests (TOST) that a mean difference lies inside a margin (Schuirmann 1987), paired or Welch.
import { OutOfRangeError } from './errors.ts';
import { pairedEstimate, welchEstimate, type Estimate } from './estimate.ts';
import { studentTUpperTail } from './student-t-distribution.ts';

/** p is the larger of both one-sided p-values; it is below .05 exactly when the 90 % t interval lies inside the margin. */
export interface EquivalenceTest {
  readonly tLower: number;
  readonly tUpper: number;
  readonly pLower: number;
  readonly pUpper: number;
  readonly p: number;
}

/**
 * TOST of an estimate against (-margin, margin); null when its standard error is 0.
 * @throws OutOfRangeError unless the margin is above 0 and finite.
 */
export function equivalenceTest(estimate: Estimate, margin: number): EquivalenceTest | null {
  if (!(margin > 0 && Number.isFinite(margin))) throw new OutOfRangeError('margin', margin, 'above 0 and finite');
  const { mean, standardError, degreesOfFreedom } = estimate;
  if (standardError === 0) return null;
  const tLower = (mean + margin) / standardError;
  const tUpper = (mean - margin) / standardError;
  const pLower = studentTUpperTail(tLower, degreesOfFreedom);
  const pUpper = studentTUpperTail(-tUpper, degreesOfFreedom);
  return { tLower, tUpper, pLower, pUpper, p: Math.max(pLower, pUpper) };
}

/**
 * TOST of paired differences; null when all differences are equal.
 * @throws TooFewValuesError below two differences, OutOfRangeError for the margin.
 */
export function pairedEquivalenceTest(differences: readonly number[], margin: number): EquivalenceTest | null {
  return equivalenceTest(pairedEstimate(differences), margin);
}

/**
 * TOST of independent arms; null when neither arm varies.
 * @throws TooFewValuesError when an arm has fewer than two values, OutOfRangeError for the margin.
 */
export function welchEquivalenceTest(
  level: readonly number[],
  baseline: readonly number[],
  margin: number,
): EquivalenceTest | null {
  return equivalenceTest(welchEstimate(level, baseline), margin);
}
