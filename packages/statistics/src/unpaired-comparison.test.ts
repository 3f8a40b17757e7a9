// Comparisons of independent arms: Welch, the shares that diverged, and what does not exist without pairs.
import { describe, expect, it } from 'vitest';
import { compareFamily } from './compare-family.ts';
import type { ComparisonInput, ComparisonOutput, SeedOutcomes } from './comparison.ts';
import { seedsNeeded } from './seeds-needed.ts';

function compare(pairs: readonly SeedOutcomes[]): ComparisonOutput {
  const input: ComparisonInput = {
    id: 'row',
    role: 'primary',
    metric: 'robustAccuracyFinal',
    direction: 'higherIsBetter',
    margin: 0.01,
    paired: 'unpaired',
    pairs,
  };
  return compareFamily([input])[0];
}

describe('unpaired arms', () => {
  const level = [0.73, 0.75, 0.74, 0.76];
  const baseline = [0.7, 0.69, 0.71];
  const arms: SeedOutcomes[] = [
    ...level.map((value, index) => ({ seed: index + 1, level: value })),
    ...baseline.map((value, index) => ({ seed: index + 11, baseline: value })),
  ];

  it('use Welch, without a sign flip, d_z or pairs', () => {
    const row = compare(arms);
    expect(row).toMatchObject({
      n: 3,
      nLevel: 4,
      nBaseline: 3,
      dz: null,
      pSignFlip: null,
      minAttainableP: null,
      pairs: [],
      missing: [],
      verdict: 'better',
    });
    expect(row.meanDifference).toBeCloseTo(0.045, 14);
    // scipy.stats.ttest_ind(level, baseline, equal_var=False)
    expect(row.pPairedT).toBeCloseTo(0.003562063385422037, 12);
    expect(row.sd).toBeCloseTo(Math.sqrt(0.0005 / 3 + 0.0001), 14);
    const planned = seedsNeeded({ design: 'unpaired', levelSd: Math.sqrt(0.0005 / 3), baselineSd: 0.01 }, 0.01);
    expect(planned).toEqual({ kind: 'seeds', seeds: row.seedsNeeded });
  });

  it('list what is missing, and compare the shares that diverged', () => {
    const missing = compare([...arms, { seed: 14, baseline: null }]);
    expect(missing.missing).toEqual([{ seed: 14, which: 'baseline' }]);
    const oneSided = compare([...arms, { seed: 5, level: 'diverged' }]);
    expect(oneSided).toMatchObject({ verdict: 'undecided', nLevel: 4 });
    expect(oneSided.reason).toContain('training diverged on the level at seed 5');
    const sameShare = compare([
      ...arms.filter(({ seed }) => seed !== 4),
      { seed: 5, level: 'diverged' },
      { seed: 15, baseline: 'diverged' },
    ]);
    expect(sameShare).toMatchObject({ verdict: 'better', nLevel: 3, nBaseline: 3 });
  });

  it('too few, or without spread: undecided', () => {
    const few = compare(arms.filter(({ seed }) => seed < 12));
    expect(few.reason).toBe('an arm has fewer than two finished runs, so its spread is unknown');
    const flat = compare([1, 2].map((seed) => ({ seed, level: 0.7, baseline: 0.7 })));
    expect(flat).toMatchObject({ verdict: 'undecided', identical: false, ci90: null });
    expect(flat.reason).toBe('neither arm varies over its seeds, so the spread cannot be estimated');
    const onlyDiverged = compare([{ seed: 1, level: 'diverged', baseline: null }]);
    expect(onlyDiverged).toMatchObject({ verdict: 'undecided', diverged: [{ seed: 1, which: 'level' }] });
  });
});
