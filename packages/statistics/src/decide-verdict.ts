// The verdict on one comparison: equivalence first, then a difference, else undecided with its cause.
import type { Direction, Verdict } from './comparison.ts';
import type { Interval } from './t-interval.ts';

export const SIGNIFICANCE = 0.05;

export type UndecidedCause = 'unequal-divergence' | 'too-few' | 'no-spread' | 'inconclusive';

export interface VerdictFacts {
  readonly n: number;
  readonly unequalDivergence: boolean;
  readonly identical: boolean;
  readonly meanDifference: number | null;
  /** Null when there is no interval: fewer than two values, or no spread although the mean is not 0. */
  readonly ci90: Interval | null;
  readonly margin: number;
  readonly pAdjusted: number | null;
  readonly direction: Direction;
}

export interface Decision {
  readonly verdict: Verdict;
  readonly differs: boolean;
  /** Null unless the verdict is undecided. */
  readonly cause: UndecidedCause | null;
}

function undecided(cause: UndecidedCause): Decision {
  return { verdict: 'undecided', differs: false, cause };
}

function betterOrWorse(meanDifference: number, direction: Direction): Verdict {
  switch (direction) {
    case 'higherIsBetter':
      return meanDifference > 0 ? 'better' : 'worse';
    case 'lowerIsBetter':
      return meanDifference < 0 ? 'better' : 'worse';
  }
}

/**
 * Decides in this order. What makes the numbers meaningless comes first: divergence that struck the sides
 * unequally, fewer than two values, no spread although the values differ. Identical pairs are equivalent.
 * Then `equivalent` if the 90 % interval lies strictly inside (-margin, margin), also when the adjusted p says
 * that a (small) difference exists; then `better` or `worse` if that p is below .05; else `undecided`.
 */
export function decideVerdict(facts: VerdictFacts): Decision {
  const { n, unequalDivergence, identical, meanDifference, ci90, margin, pAdjusted, direction } = facts;
  if (unequalDivergence) return undecided('unequal-divergence');
  if (n < 2 || meanDifference === null) return undecided('too-few');
  if (identical) return { verdict: 'equivalent', differs: false, cause: null };
  if (ci90 === null) return undecided('no-spread');
  const differs = pAdjusted !== null && pAdjusted < SIGNIFICANCE;
  if (ci90[0] > -margin && ci90[1] < margin) return { verdict: 'equivalent', differs, cause: null };
  if (differs) return { verdict: betterOrWorse(meanDifference, direction), differs, cause: null };
  return undecided('inconclusive');
}
