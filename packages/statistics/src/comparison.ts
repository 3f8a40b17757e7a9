// What a comparison of a level with a baseline takes in and gives out.
import type { Interval } from './t-interval.ts';

export type Role = 'primary' | 'control' | 'exploratory';
export type Direction = 'higherIsBetter' | 'lowerIsBetter';
export type Pairing = 'paired' | 'unpaired';
export type Verdict = 'better' | 'worse' | 'equivalent' | 'undecided';

/** How pAdjusted was made; 'none' where there is no p-value to adjust. */
export type Adjustment = 'holm' | 'benjamini-hochberg' | 'none';

/** The metric of one trained model, 'diverged' when training diverged (an outcome), null when it is missing. */
export type Outcome = number | 'diverged' | null;

/**
 * Both sides of one seed. A side left out means that no run was planned there, which only unpaired arms
 * may do; in a paired comparison it counts as missing.
 */
export interface SeedOutcomes {
  readonly seed: number;
  readonly level?: Outcome;
  readonly baseline?: Outcome;
}

/** metric values are fractions 0 to 1, and so is the margin; reasons print them in percentage points. */
export interface ComparisonInput {
  readonly id: string;
  readonly role: Role;
  readonly metric: string;
  readonly direction: Direction;
  readonly margin: number;
  readonly paired: Pairing;
  readonly pairs: readonly SeedOutcomes[];
  /** Why no verdict may be given, whatever the numbers say, in plain English; the numbers are computed all the same. */
  readonly withheld?: string;
}

export interface AffectedSeed {
  readonly seed: number;
  readonly which: 'level' | 'baseline' | 'both';
}

/** Numbers that do not exist are null; differences are level - baseline. */
export interface ComparisonOutput {
  readonly id: string;
  readonly role: Role;
  readonly metric: string;
  readonly direction: Direction;
  readonly margin: number;
  readonly paired: Pairing;
  /** Complete pairs; for unpaired arms the size of the smaller one. */
  readonly n: number;
  readonly nLevel: number;
  readonly nBaseline: number;
  readonly meanDifference: number | null;
  /** Of the paired differences; for unpaired arms the root of the sum of both variances. */
  readonly sd: number | null;
  /** mean / SD of the paired differences; null for unpaired arms. */
  readonly dz: number | null;
  readonly ci95: Interval | null;
  readonly ci90: Interval | null;
  /** Two-sided paired t; Welch's t for unpaired arms. */
  readonly pPairedT: number | null;
  readonly adjustment: Adjustment;
  /** pPairedT adjusted within its family, in the way `adjustment` says; the verdict uses this one. */
  readonly pAdjusted: number | null;
  /** pAdjusted where it is Holm's, else null. */
  readonly pHolm: number | null;
  readonly pTost: number | null;
  /** pTost adjusted by Holm within the same family; null for exploratory rows. */
  readonly pTostHolm: number | null;
  /** Unadjusted check; null for unpaired arms. */
  readonly pSignFlip: number | null;
  readonly minAttainableP: number | null;
  readonly verdict: Verdict;
  /** Every complete pair is exactly equal (from two pairs on): the row is outside its family. */
  readonly identical: boolean;
  /** pAdjusted < .05, which an equivalent row can have as well: a difference that is real but small. */
  readonly differs: boolean;
  /** Why the row is undecided, in plain English; null when it is decided. */
  readonly reason: string | null;
  /** Smallest total number of seeds (per arm when unpaired) that would settle it; null without spread or above 10,000. */
  readonly seedsNeeded: number | null;
  readonly pairs: readonly { readonly seed: number; readonly difference: number }[];
  readonly missing: readonly AffectedSeed[];
  readonly diverged: readonly AffectedSeed[];
}
