// Long-run error rates on seeded normal data: what the intervals and tests promise is what they keep.
import { NumpyRandomState } from '@reseed/rng';
import { describe, expect, it } from 'vitest';
import { compareFamily } from './compare-family.ts';
import { pairedEquivalenceTest, welchEquivalenceTest } from './equivalence-test.ts';
import { pairedEstimate, welchEstimate } from './estimate.ts';
import { normalQuantile } from './normal-distribution.ts';
import { equivalencePower, tTestPower } from './power.ts';
import { signFlipTest } from './sign-flip-test.ts';
import { tInterval } from './t-interval.ts';
import { pairedTTest } from './t-test.ts';

const REPEATS = 4000;

/** n independent normal values. */
function normals(random: NumpyRandomState, n: number, mean: number, sd: number): number[] {
  return Array.from({ length: n }, () => mean + sd * normalQuantile(random.randomSample() + 2 ** -55));
}

function share(seed: number, event: (random: NumpyRandomState) => boolean): number {
  const random = new NumpyRandomState(seed);
  let hits = 0;
  for (let repeat = 0; repeat < REPEATS; repeat++) if (event(random)) hits++;
  return hits / REPEATS;
}

/** Within four standard errors of the simulation. */
function expectShare(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / REPEATS));
}

describe('by simulation', () => {
  it.each([2, 3, 6, 10])('the t interval of %i seeds covers the truth as often as it says', (n) => {
    const covers = (confidence: number) =>
      share(n, (random) => {
        const [low, high] = tInterval(pairedEstimate(normals(random, n, 0.3, 2)), confidence);
        return low < 0.3 && high > 0.3;
      });
    expectShare(covers(0.95), 0.95);
    expectShare(covers(0.9), 0.9);
  });

  it('the Welch interval covers about as often as it says, with unequal variances and sizes', () => {
    const covered = share(5, (random) => {
      const estimate = welchEstimate(normals(random, 12, 1, 3), normals(random, 8, 0, 1));
      const [low, high] = tInterval(estimate, 0.95);
      return low < 1 && high > 1;
    });
    expect(Math.abs(covered - 0.95)).toBeLessThan(0.02);
  });

  it('TOST declares equivalence in 5 % of the cases at the margin, never more', () => {
    const declared = share(6, (random) => (pairedEquivalenceTest(normals(random, 10, 1, 0.5), 1)?.p ?? 1) < 0.05);
    expectShare(declared, 0.05);
    const wide = share(7, (random) => (pairedEquivalenceTest(normals(random, 5, 1, 2), 1)?.p ?? 1) < 0.05);
    expect(wide).toBeLessThan(0.05);
    const welch = share(8, (random) => {
      const test = welchEquivalenceTest(normals(random, 15, 1, 0.6), normals(random, 15, 0, 0.4), 1);
      return (test?.p ?? 1) < 0.05;
    });
    expectShare(welch, 0.05);
  });

  it('power is what was computed', () => {
    const ratio = Math.sqrt(8);
    const equivalent = share(9, (random) => (pairedEquivalenceTest(normals(random, 8, 0, 1), 1)?.p ?? 1) < 0.05);
    expectShare(equivalent, equivalencePower({ ratio, degreesOfFreedom: 7, alpha: 0.05 }));
    const different = share(10, (random) => (pairedTTest(normals(random, 8, 1, 1))?.p ?? 1) < 0.05);
    expectShare(different, tTestPower({ ratio, degreesOfFreedom: 7, alpha: 0.05 }));
  });

  it('the sign flip keeps its size of 2 / 2^n steps, exact and sampled', () => {
    expectShare(
      share(11, (random) => signFlipTest(normals(random, 6, 0, 1)).p <= 1 / 32),
      1 / 32,
    );
    // 24 normal values: close to the t test, whose p is exact for them.
    const random = new NumpyRandomState(12);
    for (const shift of [0, 0.3, 0.6]) {
      const differences = normals(random, 24, shift, 1);
      const sampled = signFlipTest(differences);
      expect(sampled.method).toBe('sampled');
      expect(Math.abs(sampled.p - (pairedTTest(differences)?.p ?? 1))).toBeLessThan(0.02);
    }
  });

  it('a primary family of three without any difference is called better or worse in at most 5 %', () => {
    const alarm = share(13, (random) => {
      const rows = compareFamily(
        ['one', 'two', 'three'].map((id) => ({
          id,
          role: 'primary' as const,
          metric: 'robustAccuracyFinal',
          direction: 'higherIsBetter' as const,
          margin: 0.001,
          paired: 'paired' as const,
          pairs: normals(random, 6, 0.5, 0.02).map((level, seed) => ({ seed, level, baseline: 0.5 })),
        })),
      );
      return rows.some((row) => row.verdict === 'better' || row.verdict === 'worse');
    });
    expect(alarm).toBeLessThan(0.05 + 4 * Math.sqrt((0.05 * 0.95) / REPEATS));
    expect(alarm).toBeGreaterThan(0.03);
  });
});
