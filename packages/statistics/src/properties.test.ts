// What must hold for any numbers: shift, scale and order do not matter, swapping the arms mirrors the result.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg, holm } from './adjust-p-values.ts';
import { compareFamily } from './compare-family.ts';
import type { ComparisonInput, Verdict } from './comparison.ts';
import { OutOfRangeError, TooFewValuesError } from './errors.ts';
import { pairedEstimate } from './estimate.ts';
import { pairedEquivalenceTest } from './equivalence-test.ts';
import { minAttainableP, signFlipTest } from './sign-flip-test.ts';
import { cohenDz, summarize } from './summarize.ts';
import { tInterval } from './t-interval.ts';
import { pairedTTest } from './t-test.ts';
import { wilsonInterval } from './wilson-interval.ts';

// Multiples of 1/1024: sums and differences are exact, so that invariances hold to the last bits.
const value = fc.integer({ min: -1024, max: 1024 }).map((k) => k / 1024);
const differences = fc.array(value, { minLength: 2, maxLength: 9 }).filter((d) => new Set(d).size > 1);
const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });

function row(pairs: [number, number][], paired: 'paired' | 'unpaired' = 'paired'): ComparisonInput {
  return {
    id: 'row',
    role: 'primary',
    metric: 'robustAccuracyFinal',
    direction: 'higherIsBetter',
    margin: 0.2,
    paired,
    pairs: pairs.map(([level, baseline], seed) => ({ seed, level, baseline })),
  };
}

describe('tests and intervals', () => {
  it('do not depend on the order', () => {
    const shuffled = differences.chain((d) =>
      fc.tuple(fc.constant(d), fc.shuffledSubarray(d, { minLength: d.length })),
    );
    fc.assert(
      fc.property(shuffled, ([d, other]) => {
        expect(pairedTTest(other)?.p).toBeCloseTo(pairedTTest(d)?.p ?? Number.NaN, 11);
        expect(signFlipTest(other)).toEqual(signFlipTest(d));
      }),
    );
  });

  it('do not depend on the order of more than 20 sampled pairs either', () => {
    const many = Array.from({ length: 25 }, (_, k) => ((k * 37) % 101) / 128 - 0.3);
    expect(signFlipTest(many.toReversed())).toEqual(signFlipTest(many));
    expect(signFlipTest(many.map((d) => -d))).toEqual(signFlipTest(many));
  });

  it('scale with the values', () => {
    fc.assert(
      fc.property(differences, fc.integer({ min: -8, max: 8 }), (d, exponent) => {
        const scale = 2 ** exponent;
        const scaled = d.map((x) => x * scale);
        expect(pairedTTest(scaled)).toEqual(pairedTTest(d));
        expect(signFlipTest(scaled).p).toBe(signFlipTest(d).p);
        expect(cohenDz(scaled)).toBe(cohenDz(d));
        expect(pairedEquivalenceTest(scaled, 0.25 * scale)?.p).toBe(pairedEquivalenceTest(d, 0.25)?.p);
        const [low, high] = tInterval(pairedEstimate(d), 0.95);
        expect(tInterval(pairedEstimate(scaled), 0.95)).toEqual([low * scale, high * scale]);
      }),
    );
  });

  it('shift with the values', () => {
    fc.assert(
      fc.property(differences, value, (d, shift) => {
        const [low, high] = tInterval(pairedEstimate(d), 0.9);
        const [shiftedLow, shiftedHigh] = tInterval(pairedEstimate(d.map((x) => x + shift)), 0.9);
        expect(shiftedLow).toBeCloseTo(low + shift, 12);
        expect(shiftedHigh).toBeCloseTo(high + shift, 12);
      }),
    );
  });

  it('TOST is below .05 exactly when the 90 % interval lies inside the margin', () => {
    fc.assert(
      fc.property(differences, fc.double({ min: 0.01, max: 3, noNaN: true }), (d, margin) => {
        const [low, high] = tInterval(pairedEstimate(d), 0.9);
        const slack = Math.min(Math.abs(low + margin), Math.abs(high - margin));
        fc.pre(slack > 1e-9);
        expect((pairedEquivalenceTest(d, margin)?.p ?? 1) < 0.05).toBe(low > -margin && high < margin);
      }),
    );
  });

  it('the exact sign flip counts what full enumeration counts', () => {
    fc.assert(
      fc.property(differences, (d) => {
        const observed = Math.abs(d.reduce((a, b) => a + b, 0));
        let count = 0;
        for (let pattern = 0; pattern < 2 ** d.length; pattern++) {
          const sum = d.reduce((total, x, k) => total + ((pattern >> k) & 1 ? -x : x), 0);
          if (Math.abs(sum) >= observed - 1e-12) count++;
        }
        expect(signFlipTest(d)).toMatchObject({ method: 'exact', count, p: count / 2 ** d.length });
      }),
    );
  });

  it('adjusted p-values keep their order, never fall below the raw ones, and do not depend on the order given', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        for (const adjust of [holm, benjaminiHochberg]) {
          const adjusted = adjust(p);
          expect(adjust(p.toReversed())).toEqual(adjusted.toReversed());
          for (const [i, one] of p.entries()) {
            expect(adjusted[i]).toBeGreaterThanOrEqual(one * (1 - 1e-15));
            expect(adjusted[i]).toBeLessThanOrEqual(1);
            for (const [j, other] of p.entries()) if (one < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]);
          }
        }
      }),
    );
  });

  it('a Wilson interval holds its proportion and mirrors it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), (n, k) => {
        const successes = k % (n + 1);
        const [low, high] = wilsonInterval(successes, n);
        expect(low).toBeLessThanOrEqual(successes / n);
        expect(high).toBeGreaterThanOrEqual(successes / n);
        expect(wilsonInterval(n - successes, n)[0]).toBeCloseTo(1 - high, 12);
      }),
    );
  });

  it('refuse what they cannot answer', () => {
    expect(() => summarize([])).toThrow(TooFewValuesError);
    expect(() => summarize([1, Number.NaN])).toThrow('value is NaN, but must be finite');
    expect(() => pairedTTest([1])).toThrow('differences has 1 values, but needs at least 2');
    expect(() => pairedEquivalenceTest([1, 2], 0)).toThrow('margin is 0');
    expect(() => signFlipTest([])).toThrow(TooFewValuesError);
    expect(() => minAttainableP(0)).toThrow(OutOfRangeError);
    expect(() => holm([0.1, 1.2])).toThrow('p is 1.2');
    expect(() => wilsonInterval(3, 2)).toThrow('successes is 3, but must be a whole number from 0 to 2');
    expect(() => wilsonInterval(0, 0)).toThrow('trials is 0');
    expect(() => tInterval({ mean: 0, sd: 1, standardError: 1, degreesOfFreedom: 3 }, 1)).toThrow('confidence is 1');
    expect([pairedTTest([2, 2]), pairedEquivalenceTest([2, 2], 1), cohenDz([2, 2])]).toEqual([null, null, null]);
  });
});

describe('a comparison', () => {
  const arms = fc
    .array(fc.tuple(value, value), { minLength: 2, maxLength: 8 })
    .filter((pairs) => new Set(pairs.map(([a, b]) => a - b)).size > 1);
  const mirrored: Record<Verdict, Verdict> = {
    better: 'worse',
    worse: 'better',
    equivalent: 'equivalent',
    undecided: 'undecided',
  };

  it.each(['paired', 'unpaired'] as const)('%s: swapping level and baseline mirrors it', (paired) => {
    fc.assert(
      fc.property(arms, (pairs) => {
        const [there] = compareFamily([row(pairs, paired)]);
        const [back] = compareFamily([
          row(
            pairs.map(([a, b]) => [b, a]),
            paired,
          ),
        ]);
        expect(back.meanDifference).toBeCloseTo(-(there.meanDifference ?? Number.NaN), 14);
        expect(back.ci95?.[0]).toBeCloseTo(-(there.ci95?.[1] ?? Number.NaN), 12);
        expect(back.ci90?.[1]).toBeCloseTo(-(there.ci90?.[0] ?? Number.NaN), 12);
        expect(back.pPairedT).toBeCloseTo(there.pPairedT ?? Number.NaN, 12);
        expect(back.pTost).toBeCloseTo(there.pTost ?? Number.NaN, 12);
        expect(back.pSignFlip).toBe(there.pSignFlip);
        expect(back.seedsNeeded).toBe(there.seedsNeeded);
        expect(back.verdict).toBe(mirrored[there.verdict]);
      }),
    );
  });

  it('the direction of the metric mirrors the verdict and nothing else', () => {
    fc.assert(
      fc.property(arms, (pairs) => {
        const [higher] = compareFamily([row(pairs)]);
        const [lower] = compareFamily([{ ...row(pairs), direction: 'lowerIsBetter' }]);
        expect(lower).toEqual({ ...higher, direction: 'lowerIsBetter', verdict: mirrored[higher.verdict] });
      }),
    );
  });

  it('does not depend on the order of the seeds', () => {
    fc.assert(
      fc.property(arms, (pairs) => {
        const given = row(pairs);
        expect(compareFamily([{ ...given, pairs: given.pairs.toReversed() }])).toEqual(compareFamily([given]));
      }),
    );
  });

  it('does not change when both sides move by the same amount', () => {
    fc.assert(
      fc.property(arms, value, (pairs, shift) => {
        const moved = row(pairs.map(([a, b]) => [a + shift, b + shift]));
        expect(compareFamily([moved])).toEqual(compareFamily([row(pairs)]));
      }),
    );
  });
});
