// Sums, means, extremes, places of maxima, softmax and segment sums against plain float64 loops.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as reference from '@reseed/fused-kernels/float64-reference';
import { compute, draw, isMissing, magnitudes, probe, relativeError } from './kernel-probe.ts';

interface Case {
  readonly shape: readonly number[];
  /** Ascending, from the front. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc
  .array(fc.integer({ min: 1, max: 17 }), { minLength: 1, maxLength: 4 })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axes: fc.subarray(shape.map((_, axis) => axis)),
      keepDims: fc.boolean(),
      seed: fc.nat(),
    }),
  );

/** The numbers that end in each element of the result, in order. */
function groups({ shape, axes }: Case, x: ArrayLike<number>): number[][] {
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const size = kept.reduce((product, length) => product * length, 1);
  const result: number[][] = Array.from({ length: size }, () => []);
  for (let flat = 0; flat < x.length; flat++) {
    let [rest, at, step] = [flat, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (!axes.includes(axis)) at += (rest % shape[axis]) * step;
      step *= kept[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    result[at].push(x[flat]);
  }
  return result;
}

const keptShape = ({ shape, axes, keepDims }: Case): number[] =>
  keepDims
    ? shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
    : shape.filter((_, axis) => !axes.includes(axis));

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

describe.skipIf(isMissing)('Sum and Mean', () => {
  function expectSum(given: Case): void {
    const { shape, axes, keepDims, seed } = given;
    const x = draw(seed, shape);
    // From either end, in any order.
    const axis = axes.map((at, i) => (i % 2 === 0 ? at : at - shape.length)).toReversed();
    const [sum, mean] = ['Sum', 'Mean'].map((name) => compute(name, { x }, { axis, keepDims }));
    const parts = groups(given, x.values);
    const scale = groups(given, magnitudes(x.values)).map(sumOf);
    expect(sum.shape).toEqual(keptShape(given));
    expect(mean.shape).toEqual(sum.shape);
    expect(relativeError(sum.values, parts.map(sumOf), scale)).toBeLessThanOrEqual(1e-5);
    const perTerm = (sums: readonly number[]) => sums.map((total, i) => total / parts[i].length);
    expect(relativeError(mean.values, perTerm(parts.map(sumOf)), perTerm(scale))).toBeLessThanOrEqual(1e-5);
  }

  it('over any axes', () => fc.assert(fc.property(cases, expectSum), { numRuns: 300 }));

  it.each<[number[], number[]]>([
    [[1_000_003], [0]],
    [[40_001, 5], [0]],
    [[2, 70_000, 4], [1]],
    [
      [7, 9, 11, 64],
      [0, 1, 2],
    ],
  ])('of many terms, %j over %j', (shape, axes) => expectSum({ shape, axes, keepDims: false, seed: 1 }));

  it('loses no small terms among many', () => {
    const x = { shape: [2 ** 24 + 64], values: new Float32Array(2 ** 24 + 64).fill(1) };
    expect(compute('Sum', { x }, { axis: 0, keepDims: false }).values[0]).toBe(2 ** 24 + 64);
  });

  it('passes on NaN and infinities, in the vectors and behind them', () => {
    const x = draw(1, [3, 70]);
    x.values[2] = Number.NaN;
    x.values[70 + 69] = Number.POSITIVE_INFINITY;
    x.values[140 + 5] = Number.NEGATIVE_INFINITY;
    const expected = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    expect(compute('Sum', { x }, { axis: 1, keepDims: false }).values).toEqual(expected);
  });

  it('of integers and of nothing are left to the stock kernel', () => {
    const attrs = { axis: 0, keepDims: false };
    expect(probe('Sum', { x: { shape: [2], values: [1, 2], dtype: 'int32' } }, attrs)).toBeUndefined();
    expect(probe('Sum', { x: draw(1, [0, 2]) }, attrs)).toBeUndefined();
  });
});

describe.skipIf(isMissing)('Max and Min', () => {
  it('over any axes', () =>
    fc.assert(
      fc.property(cases, (given) => {
        const { axes, keepDims } = given;
        const x = draw(given.seed, given.shape);
        const parts = groups(given, x.values);
        const largest = compute('Max', { x }, { reductionIndices: axes, keepDims });
        const smallest = compute('Min', { x }, { axis: axes, keepDims });
        expect([largest.shape, smallest.shape]).toEqual([keptShape(given), keptShape(given)]);
        expect([...largest.values]).toEqual(parts.map((part) => Math.max(...part)));
        expect([...smallest.values]).toEqual(parts.map((part) => Math.min(...part)));
      }),
    ));

  it('are NaN where one number is', () => {
    const x = { shape: [3, 3], values: [1, Number.NaN, 2, Number.NaN, 0, 5, 1, 2, 3] };
    expect([...compute('Max', { x }, { reductionIndices: 1, keepDims: false }).values]).toEqual([
      Number.NaN,
      Number.NaN,
      3,
    ]);
    expect([...compute('Min', { x }, { axis: 1, keepDims: false }).values]).toEqual([Number.NaN, Number.NaN, 1]);
  });
});

it.skipIf(isMissing)('ArgMax is the first place of the largest number along any axis', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      fc.nat(),
      (...drawn) => {
        const [shape, at, seed] = drawn;
        const axis = at % shape.length;
        const { values, ...rest } = draw(seed, shape);
        const x = { ...rest, values: values.map((value) => Math.round(value * 3)) };
        const places = groups({ shape, axes: [axis], keepDims: false, seed }, x.values).map((part) =>
          part.indexOf(Math.max(...part)),
        );
        expect([...compute('ArgMax', { x }, { axis }).values]).toEqual(places);
      },
    ),
  );
});

it.skipIf(isMissing)('Softmax of rows, of large numbers too', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 }), (seed, rows, columns) => {
      const { values, shape } = draw(seed, [rows, columns]);
      const logits = { shape, values: values.map((value) => value * 300) };
      const expected = Float64Array.from({ length: values.length }, (_, i) => {
        const row = logits.values.subarray(i - (i % columns), i - (i % columns) + columns);
        const largest = Math.max(...row);
        return Math.exp(logits.values[i] - largest) / row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
      });
      const { values: shares } = compute('Softmax', { logits }, { dim: 1 });
      expect(relativeError(shares, expected, expected)).toBeLessThanOrEqual(1e-5);
    }),
  );
});

it.skipIf(isMissing)('UnsortedSegmentSum adds up the rows of each id and leaves out strange ids', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(12), fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }), (seed, rows, row) => {
      const x = draw(seed, [rows, ...row]);
      const segmentIds = { shape: [rows], values: Array.from({ length: rows }, (_, i) => ((i * 7 + seed) % 6) - 1) };
      const size = row.reduce((product, length) => product * length, 1);
      const numSegments = 4;
      const operands = { x, segmentIds: { ...segmentIds, dtype: 'int32' as const } };
      const result = compute('UnsortedSegmentSum', operands, { numSegments });
      expect(result.shape).toEqual([numSegments, ...row]);
      const expected = reference.sumSegments(x.values, segmentIds.values, size, numSegments);
      const scale = reference.sumSegments(magnitudes(x.values), segmentIds.values, size, numSegments);
      expect(relativeError(result.values, expected, scale)).toBeLessThanOrEqual(1e-5);
    }),
  );
});
