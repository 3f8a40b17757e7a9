// Power and the number of seeds against 25-digit integrals, SciPy and a seeded simulation.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OutOfRangeError } from './errors.ts';
import { equivalencePower, tTestPower } from './power.ts';
import { type Spread, seedsForDifference, seedsForEquivalence, seedsNeeded } from './seeds-needed.ts';

const distributions = JSON.parse(readFileSync(new URL('../golden/distributions.json', import.meta.url), 'utf8')) as {
  power: { ratio: number; df: number; alpha: number; tTest: number; tost: number }[];
};
const golden = JSON.parse(readFileSync(new URL('../golden/stats.json', import.meta.url), 'utf8')) as {
  power: { paired: Record<string, number>; independent: Record<string, number> };
};
const paired = (sd: number): Spread => ({ design: 'paired', sd });

describe('power', () => {
  it('equals the 25-digit integrals within 1e-10', () => {
    expect(distributions.power).toHaveLength(48);
    for (const { ratio, df, alpha, tTest, tost } of distributions.power) {
      expect(Math.abs(tTestPower({ ratio, degreesOfFreedom: df, alpha }) - tTest)).toBeLessThan(1e-10);
      expect(Math.abs(equivalencePower({ ratio, degreesOfFreedom: df, alpha }) - tost)).toBeLessThan(1e-10);
    }
  });

  it('of the t test without an effect is its size', () => {
    for (const degreesOfFreedom of [1, 2, 5, 30, 2000]) {
      expect(tTestPower({ ratio: 0, degreesOfFreedom, alpha: 0.05 })).toBeCloseTo(0.05, 11);
    }
  });

  it('rises with n once it is above .1, which the search for the smallest n relies on', () => {
    for (const ratioPerSd of [0.2, 0.5, 1, 2, 4]) {
      for (const power of [tTestPower, equivalencePower]) {
        const at = (n: number) => power({ ratio: ratioPerSd * Math.sqrt(n), degreesOfFreedom: n - 1, alpha: 0.05 });
        const powers = Array.from({ length: 150 }, (_, index) => at(index + 2));
        const start = powers.findIndex((value) => value > 0.1);
        expect(start).toBeGreaterThanOrEqual(0);
        for (let i = start + 1; i < powers.length; i++) expect(powers[i]).toBeGreaterThan(powers[i - 1] - 1e-12);
      }
    }
  });

  it('refuses questions without an answer', () => {
    expect(() => tTestPower({ ratio: -1, degreesOfFreedom: 3, alpha: 0.05 })).toThrow('ratio is -1');
    expect(() => equivalencePower({ ratio: 1, degreesOfFreedom: 0.5, alpha: 0.05 })).toThrow('degreesOfFreedom is 0.5');
    expect(() => equivalencePower({ ratio: 1, degreesOfFreedom: 3, alpha: 1 })).toThrow('alpha is 1');
  });
});

describe('seeds', () => {
  it.each(Object.entries(golden.power.paired))('80 %% paired t power at d_z = %s', (dz, n) => {
    expect(seedsForDifference(paired(1), Number(dz))).toBe(n);
  });

  it.each(Object.entries(golden.power.independent))('80 %% power per arm at d = %s', (d, n) => {
    expect(seedsForDifference({ design: 'unpaired', levelSd: 1, baselineSd: 1 }, Number(d))).toBe(n);
  });

  it.each([
    [0.5, 36],
    [0.75, 17],
    [1, 11],
    [1.25, 8],
    [1.5, 6],
    [2, 4],
    [3, 3],
  ])('80 %% TOST power at margin / SD = %s needs %i, within one', (ratio, n) => {
    expect(Math.abs((seedsForEquivalence(paired(1), ratio) ?? 0) - n)).toBeLessThanOrEqual(1);
  });

  it('are the smallest n that satisfies both', () => {
    for (const sd of [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.1, 1.7, 2.5, 4]) {
      const enough = (n: number) =>
        Math.min(
          tTestPower({ ratio: Math.sqrt(n) / sd, degreesOfFreedom: n - 1, alpha: 0.05 }),
          equivalencePower({ ratio: Math.sqrt(n) / sd, degreesOfFreedom: n - 1, alpha: 0.05 }),
        ) >= 0.8;
      let n = 2;
      while (!enough(n)) n++;
      expect(seedsNeeded(paired(sd), 1)).toEqual({ kind: 'seeds', seeds: n });
    }
  });

  it('depend on margin / SD alone', () => {
    expect(seedsNeeded(paired(0.007), 0.01)).toEqual(seedsNeeded(paired(0.7), 1));
  });

  it('stop at the cap and have no answer without spread', () => {
    expect(seedsNeeded(paired(1), 0.001)).toEqual({ kind: 'above-cap', cap: 10_000 });
    expect(seedsNeeded(paired(1), 0.5, 20)).toEqual({ kind: 'above-cap', cap: 20 });
    expect(seedsNeeded(paired(1), 0.5, 36)).toEqual(seedsNeeded(paired(1), 0.5));
    expect(seedsNeeded(paired(0), 1)).toBeNull();
    expect(seedsNeeded({ design: 'unpaired', levelSd: 0, baselineSd: 0 }, 1)).toBeNull();
    expect(seedsNeeded(paired(1e-9), 1)).toEqual({ kind: 'seeds', seeds: 2 });
  });

  it('refuse a margin of 0, an SD that is no number and a cap below 2', () => {
    expect(() => seedsNeeded(paired(1), 0)).toThrow('margin is 0, but must be above 0 and finite');
    expect(() => seedsNeeded(paired(Number.NaN), 1)).toThrow(OutOfRangeError);
    expect(() => seedsNeeded(paired(1), 1, 1)).toThrow('cap is 1');
  });
});
