// Sorts the outcomes of a comparison into complete pairs, missing sides and diverged sides.
import type { AffectedSeed, ComparisonInput, Outcome, SeedOutcomes } from './comparison.ts';
import { DuplicateSeedError, OutOfRangeError } from './errors.ts';

export interface SortedOutcomes {
  /** Values that enter the analysis: of complete pairs when paired (same order in both), else all of each arm. */
  readonly level: readonly number[];
  readonly baseline: readonly number[];
  /** Complete pairs; empty for unpaired arms. */
  readonly pairs: readonly { readonly seed: number; readonly difference: number }[];
  readonly missing: readonly AffectedSeed[];
  readonly diverged: readonly AffectedSeed[];
  /** Divergence struck the two sides unequally, so that the surviving values do not compare like with like. */
  readonly unequalDivergence: boolean;
}

function affected(pairs: readonly SeedOutcomes[], strikes: (outcome: Outcome | undefined) => boolean): AffectedSeed[] {
  return pairs.flatMap(({ seed, level, baseline }): AffectedSeed[] => {
    const onLevel = strikes(level);
    const onBaseline = strikes(baseline);
    if (onLevel && onBaseline) return [{ seed, which: 'both' }];
    if (onLevel) return [{ seed, which: 'level' }];
    return onBaseline ? [{ seed, which: 'baseline' }] : [];
  });
}

function numbers(outcomes: readonly (Outcome | undefined)[]): number[] {
  return outcomes.filter((outcome) => typeof outcome === 'number');
}

function assertOutcomes(id: string, pairs: readonly SeedOutcomes[]): void {
  const seen = new Set<number>();
  for (const { seed, level, baseline } of pairs) {
    if (seen.has(seed)) throw new DuplicateSeedError(id, seed);
    seen.add(seed);
    for (const [side, value] of Object.entries({ level, baseline })) {
      if (typeof value === 'number' && !Number.isFinite(value)) {
        throw new OutOfRangeError(`comparison ${id}: ${side} of seed ${seed}`, value, 'finite');
      }
    }
  }
}

/** Of unpaired arms: the diverged share of the finished runs is not the same on both sides. */
function sharesDiffer(pairs: readonly SeedOutcomes[]): boolean {
  const count = (side: 'level' | 'baseline') => ({
    diverged: pairs.filter((pair) => pair[side] === 'diverged').length,
    finished: pairs.filter((pair) => pair[side] === 'diverged' || typeof pair[side] === 'number').length,
  });
  const level = count('level');
  const baseline = count('baseline');
  if (level.finished === 0 || baseline.finished === 0) return level.diverged !== baseline.diverged;
  return level.diverged * baseline.finished !== baseline.diverged * level.finished;
}

/**
 * Sorts the outcomes, by ascending seed.
 * @throws DuplicateSeedError when a seed stands twice, OutOfRangeError for a value that is not finite.
 */
export function sortOutcomes({ id, paired, pairs: given }: ComparisonInput): SortedOutcomes {
  assertOutcomes(id, given);
  const pairs = given.toSorted((a, b) => a.seed - b.seed);
  const diverged = affected(pairs, (outcome) => outcome === 'diverged');
  switch (paired) {
    case 'paired': {
      const complete = pairs.flatMap(({ seed, level, baseline }) =>
        typeof level === 'number' && typeof baseline === 'number' ? [{ seed, level, baseline }] : [],
      );
      return {
        level: complete.map((pair) => pair.level),
        baseline: complete.map((pair) => pair.baseline),
        pairs: complete.map(({ seed, level, baseline }) => ({ seed, difference: level - baseline })),
        missing: affected(pairs, (outcome) => outcome === null || outcome === undefined),
        diverged,
        // A partner that is missing may yet diverge too, but until it does the sides are unequal.
        unequalDivergence: diverged.some(({ which }) => which !== 'both'),
      };
    }
    case 'unpaired':
      return {
        level: numbers(pairs.map((pair) => pair.level)),
        baseline: numbers(pairs.map((pair) => pair.baseline)),
        pairs: [],
        missing: affected(pairs, (outcome) => outcome === null),
        diverged,
        unequalDivergence: sharesDiffer(pairs),
      };
  }
}
