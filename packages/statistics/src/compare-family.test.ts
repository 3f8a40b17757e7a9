// The verdict rule branch by branch, the families, and what happens to missing and diverged runs.
import { describe, expect, it } from 'vitest';
import { compareFamily } from './compare-family.ts';
import type { ComparisonInput, ComparisonOutput, Outcome } from './comparison.ts';
import { DuplicateComparisonError, DuplicateSeedError, OutOfRangeError } from './errors.ts';

/** A paired row with a margin of 1 pp, from differences in pp over a baseline of 70 %. */
function fromPoints(differences: number[], changes: Partial<ComparisonInput> = {}): ComparisonInput {
  return fromOutcomes(
    differences.map((d) => [(70 + d) / 100, 0.7]),
    changes,
  );
}

function fromOutcomes(outcomes: [Outcome, Outcome][], changes: Partial<ComparisonInput> = {}): ComparisonInput {
  return {
    id: 'row',
    role: 'primary',
    metric: 'robustAccuracyFinal',
    direction: 'higherIsBetter',
    margin: 0.01,
    paired: 'paired',
    pairs: outcomes.map(([level, baseline], index) => ({ seed: index + 1, level, baseline })),
    ...changes,
  };
}

function compare(input: ComparisonInput): ComparisonOutput {
  return compareFamily([input])[0];
}

const UNSURE = [1.9, -0.6, 2.4, -0.3];
const CLEARLY_HIGHER = [3.1, 2.8, 3.4, 2.9, 3.3];
const TINY_BUT_REAL = [0.3, 0.31, 0.29, 0.32, 0.3];
const NEAR_ZERO = [0.2, -0.1, 0.1, -0.2, 0];

describe('the verdict', () => {
  it.each([
    ['equivalent', false, NEAR_ZERO, 'higherIsBetter'],
    ['equivalent', true, TINY_BUT_REAL, 'higherIsBetter'],
    ['equivalent', true, TINY_BUT_REAL, 'lowerIsBetter'],
    ['better', true, CLEARLY_HIGHER, 'higherIsBetter'],
    ['worse', true, CLEARLY_HIGHER, 'lowerIsBetter'],
    ['worse', true, CLEARLY_HIGHER.map((d) => -d), 'higherIsBetter'],
    ['better', true, CLEARLY_HIGHER.map((d) => -d), 'lowerIsBetter'],
    ['undecided', false, UNSURE, 'higherIsBetter'],
  ] as const)('%s (differs: %s) of %j, %s', (verdict, differs, points, direction) => {
    const row = compare(fromPoints([...points], { direction }));
    expect(row).toMatchObject({ verdict, differs, identical: false, adjustment: 'holm' });
    expect(row.reason === null).toBe(verdict !== 'undecided');
  });

  it('all pairs equal: equivalent, identical, outside the family, with an interval of [0, 0]', () => {
    const row = compare(fromPoints([0, 0, 0]));
    expect(row).toMatchObject({
      verdict: 'equivalent',
      identical: true,
      differs: false,
      adjustment: 'none',
      n: 3,
      meanDifference: 0,
      sd: 0,
      dz: null,
      ci95: [0, 0],
      ci90: [0, 0],
      pPairedT: null,
      pHolm: null,
      pTost: null,
      pSignFlip: 1,
      seedsNeeded: null,
      reason: null,
    });
  });

  it('the same difference in every pair: undecided, although rounding leaves a spread of 1e-17', () => {
    const row = compare(
      fromOutcomes([
        [0.52, 0.5],
        [0.62, 0.6],
        [0.72, 0.7],
      ]),
    );
    expect(row.pairs.map(({ difference }) => difference)).not.toEqual([0.02, 0.02, 0.02]);
    expect(row).toMatchObject({ verdict: 'undecided', identical: false, sd: 0, ci90: null, pPairedT: null });
    expect(row.reason).toBe('all 3 differences are the same (2 pp), so the spread over seeds cannot be estimated');
  });

  it('one pair, or none: undecided', () => {
    const one = compare(fromPoints([0]));
    expect(one).toMatchObject({ verdict: 'undecided', identical: false, n: 1, sd: null, ci95: null, pSignFlip: 1 });
    expect(one.reason).toBe(
      'only one seed has a value of the metric on both sides, so the spread over seeds is unknown',
    );
    const none = compare(fromOutcomes([[null, 0.7]]));
    expect(none).toMatchObject({
      verdict: 'undecided',
      n: 0,
      meanDifference: null,
      pSignFlip: null,
      minAttainableP: null,
    });
    expect(none.reason).toBe('no seed has a value of the metric on both sides; missing: the level at seed 1');
    expect(compare(fromOutcomes([])).verdict).toBe('undecided');
  });

  it('unequal divergence blocks even a clear difference and even identity', () => {
    const clear = fromPoints(CLEARLY_HIGHER);
    const blocked = compare({ ...clear, pairs: [...clear.pairs, { seed: 6, level: 'diverged', baseline: 0.7 }] });
    expect(blocked).toMatchObject({ verdict: 'undecided', differs: false, n: 5, missing: [] });
    expect(blocked.diverged).toEqual([{ seed: 6, which: 'level' }]);
    expect(blocked.pHolm).toBeLessThan(0.05);
    expect(blocked.reason).toBe(
      'training diverged on the level at seed 6; divergence is an outcome, ' +
        'so the mean over the remaining runs would not compare like with like',
    );
    const same = compare(
      fromOutcomes([
        [0.7, 0.7],
        [0.7, 0.7],
        [null, 'diverged'],
      ]),
    );
    expect(same).toMatchObject({ verdict: 'undecided', identical: false, missing: [{ seed: 3, which: 'level' }] });
  });

  it.each([
    [CLEARLY_HIGHER, 'the sky fell'],
    [NEAR_ZERO, 'the sky fell'],
    [[0, 0, 0], 'the sky fell'],
    [[1], 'the sky fell; only one seed has a value of the metric on both sides, so the spread over seeds is unknown'],
  ])('is withheld of %j, whose numbers stay as they are, in its family too', (points, reason) => {
    const other = fromPoints(CLEARLY_HIGHER, { id: 'other' });
    const [given, beside] = compareFamily([fromPoints(points), other]);
    const [row, besideWithheld] = compareFamily([fromPoints(points, { withheld: 'the sky fell' }), other]);
    expect(row).toEqual({ ...given, verdict: 'undecided', differs: false, reason });
    expect(besideWithheld).toEqual(beside);
  });

  it('divergence on both sides of a seed does not block', () => {
    const clear = fromPoints(CLEARLY_HIGHER);
    const row = compare({ ...clear, pairs: [...clear.pairs, { seed: 6, level: 'diverged', baseline: 'diverged' }] });
    expect(row).toMatchObject({ verdict: 'better', n: 5, diverged: [{ seed: 6, which: 'both' }], missing: [] });
  });

  it('an interval that touches the margin is not inside it', () => {
    const [low, high] = compare(fromPoints(NEAR_ZERO)).ci90 ?? [0, 0];
    const margin = Math.max(-low, high);
    expect(compare(fromPoints(NEAR_ZERO, { margin })).verdict).toBe('undecided');
    expect(compare(fromPoints(NEAR_ZERO, { margin: margin * (1 + 1e-12) })).verdict).toBe('equivalent');
  });

  it('uses the adjusted p: what is better alone is undecided among many', () => {
    const borderline = fromPoints([1.9, 0.8, 2.9, 1.0, 2.2]);
    expect(compare(borderline).verdict).toBe('better');
    const others = ['a', 'b', 'c', 'd', 'e'].map((id) => fromPoints(UNSURE, { id }));
    const [row] = compareFamily([borderline, ...others]);
    expect(row.verdict).toBe('undecided');
    expect(row.reason).toContain('Holm-adjusted p = ');
  });
});

describe('the reason', () => {
  it('gives the interval, the margin, p and the seeds that would settle it', () => {
    const row = compare(fromPoints(UNSURE));
    expect(row.seedsNeeded).toBeGreaterThan(4);
    expect(row.reason).toBe(
      `the 90 % interval [−0.94, 2.64] pp is not inside ±1 pp and p = .34; about ${row.seedsNeeded} seeds would settle it`,
    );
  });

  it('says when enough seeds are there, and when too many would be needed', () => {
    const between = compare(
      fromPoints(
        Array.from({ length: 16 }, (_, k) => (k % 2 === 0 ? 1.1 : -0.5)),
        { margin: 0.0065 },
      ),
    );
    expect(between.reason).toBe(
      'the 90 % interval [−0.06, 0.66] pp is not inside ±0.65 pp and p = .17; ' +
        `${between.seedsNeeded} seeds usually settle a true difference of 0 or of the margin and there are 16, ` +
        'so it probably lies in between',
    );
    expect(between.seedsNeeded).toBeLessThanOrEqual(16);
    const wide = compare(fromPoints(UNSURE, { margin: 0.00001 }));
    expect(wide.seedsNeeded).toBeNull();
    expect(wide.reason).toContain('is not inside ±0.001 pp');
    expect(wide.reason).toContain('; more than 10,000 seeds would be needed');
  });

  it('names the seeds that are missing', () => {
    const given = fromPoints(UNSURE);
    const row = compare({
      ...given,
      pairs: [
        ...given.pairs,
        { seed: 5, level: null, baseline: 0.7 },
        { seed: 6, level: 0.7 },
        { seed: 7, level: null, baseline: null },
        { seed: 9, level: null, baseline: 0.6 },
      ],
    });
    expect(row.missing).toEqual([
      { seed: 5, which: 'level' },
      { seed: 6, which: 'baseline' },
      { seed: 7, which: 'both' },
      { seed: 9, which: 'level' },
    ]);
    expect(row.n).toBe(4);
    expect(
      row.reason?.endsWith('; missing: the level at seeds 5 and 9, the baseline at seed 6, both sides at seed 7'),
    ).toBe(true);
  });
});

describe('families', () => {
  const three = (role: ComparisonInput['role']) =>
    [CLEARLY_HIGHER, TINY_BUT_REAL, UNSURE].map((d, index) => fromPoints(d, { id: `${role}-${index}`, role }));

  it('primary and control rows are adjusted apart by Holm, exploratory ones by Benjamini-Hochberg', () => {
    const rows = compareFamily([...three('primary'), ...three('control'), ...three('exploratory')]);
    const raw = rows.slice(0, 3).map((row) => row.pPairedT ?? Number.NaN);
    expect(rows.map((row) => row.id)).toEqual(
      [...three('primary'), ...three('control'), ...three('exploratory')].map((r) => r.id),
    );
    const [high, tiny, unsure] = raw;
    expect(tiny).toBeLessThan(high);
    const holmed = [Math.max(3 * tiny, 2 * high), 3 * tiny, Math.max(3 * tiny, 2 * high, unsure)];
    for (const family of [rows.slice(0, 3), rows.slice(3, 6)]) {
      for (const [index, row] of family.entries()) {
        expect(row.pHolm).toBeCloseTo(holmed[index], 14);
        expect(row.pAdjusted).toBe(row.pHolm);
        expect(row.adjustment).toBe('holm');
        expect(row.pTostHolm).toBeGreaterThanOrEqual(row.pTost ?? Number.NaN);
      }
    }
    for (const [index, row] of rows.slice(6).entries()) {
      expect(row.adjustment).toBe('benjamini-hochberg');
      expect(row.pHolm).toBeNull();
      expect(row.pTostHolm).toBeNull();
      expect(row.pAdjusted).toBeCloseTo([1.5 * high, 3 * tiny, unsure][index], 14);
    }
  });

  it('an identical row is outside, a row that lost its runs still counts', () => {
    const alone = compare(fromPoints(CLEARLY_HIGHER)).pPairedT ?? Number.NaN;
    const withIdentical = compareFamily([fromPoints(CLEARLY_HIGHER), fromPoints([0, 0, 0], { id: 'same' })]);
    expect(withIdentical[0].pHolm).toBe(alone);
    const withLost = compareFamily([fromPoints(CLEARLY_HIGHER), fromOutcomes([[null, 0.7]], { id: 'lost' })]);
    expect(withLost[0].pHolm).toBeCloseTo(2 * alone, 15);
    expect(withLost[1]).toMatchObject({ pHolm: null, adjustment: 'none' });
  });

  it('an empty family is an empty answer', () => {
    expect(compareFamily([])).toEqual([]);
  });
});

describe('rows that cannot be read', () => {
  it('are refused, naming comparison and field', () => {
    expect(() => compareFamily([fromPoints([1]), fromPoints([2])])).toThrow(DuplicateComparisonError);
    expect(() => compare(fromPoints([1, 2], { margin: 0 }))).toThrow(
      'comparison row: margin is 0, but must be above 0',
    );
    expect(() => compare(fromPoints([1, 2], { margin: Number.NaN }))).toThrow(OutOfRangeError);
    expect(() => compare(fromOutcomes([[Number.NaN, 0.5]]))).toThrow('comparison row: level of seed 1 is NaN');
    const twice = [1, 1].map((seed) => ({ seed, level: 0.5, baseline: 0.5 }));
    expect(() => compare(fromOutcomes([], { pairs: twice }))).toThrow(DuplicateSeedError);
  });
});
