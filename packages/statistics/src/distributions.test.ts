// The distributions against 60-digit references (mpmath) and SciPy.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutOfRangeError } from './errors.ts';
import { logGamma } from './gamma.ts';
import { incompleteBeta } from './incomplete-beta.ts';
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { studentTCdf, studentTQuantile, studentTUpperQuantile, studentTUpperTail } from './student-t-distribution.ts';

interface Golden {
  incomplete_beta: { a: number; b: number; x: number; value: number }[];
  student_t: { t: number; df: number; cdf: number; upper: number }[];
  student_t_quantile: { upper: number; df: number; t: number }[];
  normal: { z: number; cdf: number }[];
  normal_quantile: { p: number; z: number }[];
}
const golden = JSON.parse(readFileSync(new URL('../golden/distributions.json', import.meta.url), 'utf8')) as Golden;
const scipy = JSON.parse(readFileSync(new URL('../golden/stats.json', import.meta.url), 'utf8')) as {
  't_ppf.975': Record<string, number>;
};

function relativeError(actual: number, expected: number): number {
  return expected === 0 ? Math.abs(actual) : Math.abs(actual - expected) / Math.abs(expected);
}

function worst(errors: number[]): number {
  return errors.reduce((a, b) => Math.max(a, b), 0);
}

describe('distributions against 60-digit references, relative error', () => {
  it('incomplete beta', () => {
    expect(
      worst(golden.incomplete_beta.map((g) => relativeError(incompleteBeta(g.a, g.b, g.x), g.value))),
    ).toBeLessThan(1e-12);
  });

  it("Student's t, both tails, df 1 to 19,998, t to 10,000", () => {
    expect(golden.student_t).toHaveLength(110);
    const representable = golden.student_t.filter((g) => g.upper > 1e-290 && g.cdf > 1e-290);
    expect(worst(representable.map((g) => relativeError(studentTUpperTail(g.t, g.df), g.upper)))).toBeLessThan(2e-12);
    expect(worst(representable.map((g) => relativeError(studentTCdf(g.t, g.df), g.cdf)))).toBeLessThan(2e-12);
    for (const g of golden.student_t) expect(studentTUpperTail(g.t, g.df)).toBeCloseTo(g.upper, 13);
  });

  it("quantiles of Student's t, tails to 1e-40", () => {
    const errors = golden.student_t_quantile.map((g) => relativeError(studentTUpperQuantile(g.upper, g.df), g.t));
    expect(worst(errors)).toBeLessThan(1e-12);
    for (const [df, t] of Object.entries(scipy['t_ppf.975'])) {
      expect(relativeError(studentTQuantile(0.975, Number(df)), t)).toBeLessThan(1e-12);
    }
  });

  it('normal', () => {
    expect(worst(golden.normal.map((g) => relativeError(normalCdf(g.z), g.cdf)))).toBeLessThan(1e-13);
    expect(worst(golden.normal_quantile.map((g) => relativeError(normalQuantile(g.p), g.z)))).toBeLessThan(1e-12);
  });

  it('log gamma at whole numbers is the log of a factorial', () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n++) {
      expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 13);
      factorial *= n;
    }
  });
});

describe('distributions, properties', () => {
  const degrees = fc.double({ min: 1, max: 5000, noNaN: true });

  it('cdf and upper tail add up to 1 and mirror each other', () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), degrees, (t, df) => {
        expect(studentTCdf(t, df) + studentTUpperTail(t, df)).toBeCloseTo(1, 14);
        expect(studentTCdf(-t, df)).toBe(studentTUpperTail(t, df));
      }),
    );
  });

  it('the quantile inverts the cdf', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), degrees, (probability, df) => {
        expect(studentTCdf(studentTQuantile(probability, df), df)).toBeCloseTo(probability, 13);
        expect(normalCdf(normalQuantile(probability))).toBeCloseTo(probability, 13);
      }),
    );
  });

  it('refuses what has no value, naming field, value and limit', () => {
    expect(() => studentTCdf(1, 0)).toThrow('degreesOfFreedom is 0, but must be above 0 and finite');
    expect(() => studentTCdf(Number.NaN, 3)).toThrow(OutOfRangeError);
    expect(() => studentTQuantile(0, 3)).toThrow(OutOfRangeError);
    expect(() => studentTQuantile(1, 3)).toThrow(OutOfRangeError);
    expect(() => normalQuantile(1)).toThrow('probability is 1');
    expect(() => normalCdf(Number.NaN)).toThrow(OutOfRangeError);
    expect(() => incompleteBeta(0, 1, 0.5)).toThrow('a is 0');
    expect(() => incompleteBeta(1, -1, 0.5)).toThrow('b is -1');
    expect(() => incompleteBeta(1, 1, 1.5)).toThrow('x is 1.5');
    expect([normalCdf(Infinity), normalCdf(-Infinity), studentTUpperTail(Infinity, 3)]).toEqual([1, 0, 0]);
  });
});
