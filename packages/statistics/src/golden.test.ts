// Every test and interval against SciPy and NumPy.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg, holm } from './adjust-p-values.ts';
import { pairedEquivalenceTest, welchEquivalenceTest } from './equivalence-test.ts';
import { pairedEstimate, welchEstimate } from './estimate.ts';
import { minAttainableP, signFlipTest } from './sign-flip-test.ts';
import { cohenDz, summarize } from './summarize.ts';
import { tInterval } from './t-interval.ts';
import { pairedTTest, welchTTest } from './t-test.ts';
import { wilsonInterval } from './wilson-interval.ts';

type Ends = [number, number];
interface Tost {
  t_lower: number;
  t_upper: number;
  p_lower: number;
  p_upper: number;
  p: number;
  ci90: Ends;
}
interface Golden {
  data: { a: number[]; b: number[]; c: number[] };
  'paired_t a-b': { mean: number; sd: number; t: number; df: number; p: number; ci95: Ends; cohen_dz: number };
  'welch a vs b': { t: number; df: number; p: number; ci95: Ends };
  'sign_flip_exact a-b': { count: number; total: number; p_two_sided: number };
  'sign_flip_exact a-c': { count: number; total: number; p_two_sided: number };
  'min_attainable_p sign_flip two-sided': Record<string, number>;
  holm: { p: number[]; adjusted: number[] };
  benjamini_hochberg: { p: number[]; adjusted: number[] };
  'tost a-c': Record<string, Tost>;
  wilson95: { k: number; n: number; ci: Ends }[];
}
interface ScipyTests {
  'welch_tost a-c': Record<string, { p_lower: number; p_upper: number }>;
  sign_flip_monte_carlo: { differences: number[]; count: number; p: number }[];
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

const golden = read<Golden>('stats');
const scipy = read<ScipyTests>('scipy-tests');
const { a, b, c } = golden.data;
const differences = (x: number[], y: number[]) => x.map((value, index) => value - y[index]);
const aMinusB = differences(a, b);
const aMinusC = differences(a, c);

/** Within 1e-11 relative, or absolute near 0. */
function expectNear(actual: number | undefined, expected: number): void {
  expect(actual).toBeDefined();
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-11 * Math.max(Math.abs(expected), 1e-4));
}

function expectEnds(actual: readonly [number, number], expected: Ends): void {
  expectNear(actual[0], expected[0]);
  expectNear(actual[1], expected[1]);
}

describe('against SciPy', () => {
  it('paired t, summary, 95 % interval, d_z', () => {
    const expected = golden['paired_t a-b'];
    const test = pairedTTest(aMinusB);
    const summary = summarize(aMinusB);
    expect(summary.n).toBe(8);
    expectNear(summary.mean, expected.mean);
    expectNear(summary.sd ?? undefined, expected.sd);
    expectNear(test?.t, expected.t);
    expect(test?.degreesOfFreedom).toBe(expected.df);
    expectNear(test?.p, expected.p);
    expectEnds(tInterval(pairedEstimate(aMinusB), 0.95), expected.ci95);
    expectNear(cohenDz(aMinusB) ?? undefined, expected.cohen_dz);
  });

  it("Welch's t and its interval", () => {
    const expected = golden['welch a vs b'];
    const test = welchTTest(a, b);
    expectNear(test?.t, expected.t);
    expectNear(test?.degreesOfFreedom, expected.df);
    expectNear(test?.p, expected.p);
    expectEnds(tInterval(welchEstimate(a, b), 0.95), expected.ci95);
  });

  it.each(Object.entries(golden['tost a-c']))('paired TOST, margin %s', (margin, expected) => {
    const test = pairedEquivalenceTest(aMinusC, Number(margin));
    expectNear(test?.tLower, expected.t_lower);
    expectNear(test?.tUpper, expected.t_upper);
    expectNear(test?.pLower, expected.p_lower);
    expectNear(test?.pUpper, expected.p_upper);
    expectNear(test?.p, expected.p);
    expectEnds(tInterval(pairedEstimate(aMinusC), 0.9), expected.ci90);
  });

  it.each(Object.entries(scipy['welch_tost a-c']))('Welch TOST, margin %s', (margin, expected) => {
    const test = welchEquivalenceTest(a, c, Number(margin));
    expectNear(test?.pLower, expected.p_lower);
    expectNear(test?.pUpper, expected.p_upper);
    expect(test?.p).toBe(Math.max(test?.pLower ?? 0, test?.pUpper ?? 0));
  });

  it('exact sign flips', () => {
    for (const [given, name] of [
      [aMinusB, 'sign_flip_exact a-b'],
      [aMinusC, 'sign_flip_exact a-c'],
    ] as const) {
      const { count, total, p_two_sided: p } = golden[name];
      expect(signFlipTest(given)).toEqual({ method: 'exact', count, total, p });
    }
  });

  it.each(scipy.sign_flip_monte_carlo)('sampled sign flips, the same resamples as NumPy: p = $p', (expected) => {
    expect(expected.differences.length).toBeGreaterThan(20);
    expect(signFlipTest(expected.differences)).toEqual({
      method: 'sampled',
      count: expected.count,
      total: 100_000,
      p: expected.p,
    });
  });

  it('smallest attainable sign-flip p', () => {
    for (const [n, p] of Object.entries(golden['min_attainable_p sign_flip two-sided'])) {
      expect(minAttainableP(Number(n))).toBe(p);
      expect(signFlipTest(Array.from({ length: Number(n) }, (_, index) => 1 + index)).p).toBe(p);
    }
  });

  it('Holm and Benjamini-Hochberg', () => {
    for (const [index, value] of holm(golden.holm.p).entries()) expectNear(value, golden.holm.adjusted[index]);
    for (const [index, value] of benjaminiHochberg(golden.benjamini_hochberg.p).entries()) {
      expectNear(value, golden.benjamini_hochberg.adjusted[index]);
    }
  });

  it.each(golden.wilson95)('Wilson interval of $k / $n', ({ k, n, ci }) => {
    expectEnds(wilsonInterval(k, n), ci);
  });
});
