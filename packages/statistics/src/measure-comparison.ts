// The numbers of one comparison that do not depend on the rest of its family.
import type { ComparisonInput } from './comparison.ts';
import { equivalenceTest } from './equivalence-test.ts';
import { OutOfRangeError } from './errors.ts';
import { pairedEstimate, welchEstimate, type Estimate } from './estimate.ts';
import { seedsNeeded, type SeedsNeeded, type Spread } from './seeds-needed.ts';
import { minAttainableP, signFlipTest } from './sign-flip-test.ts';
import { sortOutcomes, type SortedOutcomes } from './sort-outcomes.ts';
import { summarize } from './summarize.ts';
import { tInterval, type Interval } from './t-interval.ts';
import { tTest } from './t-test.ts';

export interface Measurement {
  readonly input: ComparisonInput;
  readonly outcomes: SortedOutcomes;
  readonly n: number;
  readonly meanDifference: number | null;
  readonly sd: number | null;
  readonly dz: number | null;
  readonly ci95: Interval | null;
  readonly ci90: Interval | null;
  readonly pPairedT: number | null;
  readonly pTost: number | null;
  readonly pSignFlip: number | null;
  readonly minAttainableP: number | null;
  readonly identical: boolean;
  readonly seedsNeeded: SeedsNeeded | null;
}

// Differences that are equal on paper (.52 - .5 and .62 - .6) differ by rounding, relative to the values.
const EQUAL_WITHIN = 1e-12;

function isConstant(values: readonly number[], scale: number): boolean {
  return Math.max(...values) - Math.min(...values) <= EQUAL_WITHIN * scale;
}

function withoutRoundingSpread(estimate: Estimate, groups: readonly (readonly number[])[], scale: number): Estimate {
  return groups.every((group) => isConstant(group, scale)) ? { ...estimate, sd: 0, standardError: 0 } : estimate;
}

function estimateOf({ paired }: ComparisonInput, { level, baseline, pairs }: SortedOutcomes): Estimate {
  const scale = Math.max(...[...level, ...baseline].map(Math.abs));
  switch (paired) {
    case 'paired': {
      const differences = pairs.map((pair) => pair.difference);
      return withoutRoundingSpread(pairedEstimate(differences), [differences], scale);
    }
    case 'unpaired':
      return withoutRoundingSpread(welchEstimate(level, baseline), [level, baseline], scale);
  }
}

function spreadOf({ paired }: ComparisonInput, { level, baseline }: SortedOutcomes, sd: number): Spread {
  if (paired === 'paired') return { design: 'paired', sd };
  return {
    design: 'unpaired',
    levelSd: summarize(level).sd ?? 0,
    baselineSd: summarize(baseline).sd ?? 0,
  };
}

/** Differences of 0 in every pair; one pair alone can agree by chance, so it takes two. */
function isIdentical({ pairs, unequalDivergence }: SortedOutcomes): boolean {
  return pairs.length >= 2 && !unequalDivergence && pairs.every(({ difference }) => difference === 0);
}

/**
 * Measures one comparison on its complete pairs (or on both arms when unpaired).
 * @throws OutOfRangeError for a margin that is not above 0 or a value that is not finite, DuplicateSeedError.
 */
export function measureComparison(input: ComparisonInput): Measurement {
  const { id, margin, paired } = input;
  if (!(margin > 0 && Number.isFinite(margin))) {
    throw new OutOfRangeError(`comparison ${id}: margin`, margin, 'above 0 and finite');
  }
  const outcomes = sortOutcomes(input);
  const { level, baseline, pairs } = outcomes;
  const n = Math.min(level.length, baseline.length);
  const identical = isIdentical(outcomes);
  const flips = paired === 'paired' && n >= 1;
  const pairedFacts = {
    input,
    outcomes,
    n,
    identical,
    pSignFlip: flips ? signFlipTest(pairs.map((pair) => pair.difference)).p : null,
    minAttainableP: flips ? minAttainableP(n) : null,
  };
  if (n < 2) {
    const meanDifference = n === 0 ? null : summarize(level).mean - summarize(baseline).mean;
    const absent = { sd: null, dz: null, ci95: null, ci90: null, pPairedT: null, pTost: null, seedsNeeded: null };
    return { ...pairedFacts, ...absent, meanDifference };
  }
  const estimate = estimateOf(input, outcomes);
  const { mean, sd } = estimate;
  // Without any spread an interval of width 0 would claim certainty; only exact identity may.
  const interval = (confidence: number) => (sd > 0 || identical ? tInterval(estimate, confidence) : null);
  return {
    ...pairedFacts,
    meanDifference: mean,
    sd,
    dz: paired === 'paired' && sd > 0 ? mean / sd : null,
    ci95: interval(0.95),
    ci90: interval(0.9),
    pPairedT: tTest(estimate)?.p ?? null,
    pTost: equivalenceTest(estimate, margin)?.p ?? null,
    seedsNeeded: sd > 0 ? seedsNeeded(spreadOf(input, outcomes, sd), margin) : null,
  };
}
