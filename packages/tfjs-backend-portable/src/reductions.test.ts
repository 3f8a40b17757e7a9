// Sum, UnsortedSegmentSum and MaxPoolGrad against plain float64 loops.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as reference from '@reseed/fused-kernels/float64-reference';
import type { Shape4D } from '@reseed/fused-kernels/float64-reference';
import { compute, draw, magnitudes, type Operand, probe, relativeError } from './kernel-probe.ts';

describe('Sum', () => {
  const lowest = fc.constantFrom<(-1 | 0)[]>(-1, 0);
  const shapes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(17)), { minLength: 1, maxLength: 4 });

  function expectSum(shape: readonly number[], first: number, count: number, keepDims: boolean, x: Operand): void {
    const axis = Array.from({ length: count }, (_, i) => first + i - (i % 2) * shape.length).toReversed();
    const result = compute('Sum', { x }, { axis, keepDims });
    const kept = shape.map((length, i) => (i >= first && i < first + count ? 1 : length));
    expect(result.shape).toEqual(keepDims ? kept : shape.filter((_, i) => i < first || i >= first + count));
    const expected = reference.sum(shape, x.values, first, count);
    const scale = reference.sum(shape, magnitudes(Float32Array.from(x.values)), first, count);
    expect(relativeError(result.values, expected, scale)).toBeLessThanOrEqual(1e-5);
  }

  it('over any neighbouring axes, in any order, counted from either end', () =>
    fc.assert(
      fc.property(
        shapes,
        fc.nat(3),
        fc.nat(4),
        fc.boolean(),
        fc.nat(),
        lowest,
        (shape, start, span, keepDims, seed, low) => {
          const first = start % shape.length;
          expectSum(shape, first, Math.min(span, shape.length - first), keepDims, draw(seed, shape, low));
        },
      ),
    ));

  it.each([
    [[1_000_003], 0],
    [[40_001, 5], 0],
    [[2, 70_000, 4], 1],
  ])('of many terms, %j over axis %d', (shape, first) => {
    expectSum(shape, first, 1, false, draw(1, shape, 0));
  });

  it('of all axes when none is named, and of a scalar', () => {
    expect(compute('Sum', { x: { shape: [2, 2], values: [1, 2, 3, 4] } })).toEqual({
      shape: [],
      values: Float32Array.of(10),
    });
    expect(compute('Sum', { x: { shape: [], values: [7] } })).toEqual({ shape: [], values: Float32Array.of(7) });
  });

  it('passes on NaN and infinities, in the vectors and behind them', () => {
    const x = draw(1, [3, 9]);
    x.values[2] = Number.NaN;
    x.values[9 + 8] = Number.POSITIVE_INFINITY;
    x.values[18 + 5] = Number.NEGATIVE_INFINITY;
    const expected = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    expect(compute('Sum', { x }, { axis: 1 }).values).toEqual(expected);
    const columns = compute('Sum', { x }, { axis: 0 }).values;
    expect([columns[2], columns[8], columns[5]]).toEqual([...expected]);
    expect(columns.filter(Number.isFinite)).toHaveLength(6);
  });

  it.each<[string, Operand, readonly number[]]>([
    ['integers', { ...draw(1, [4]), dtype: 'int32' }, [0]],
    ['empty tensors', draw(1, [0, 2]), [0]],
    ['axes with a gap', draw(1, [2, 3, 4]), [0, 2]],
  ])('leaves %s to the stock kernel', (_, x, axis) => {
    expect(probe('Sum', { x }, { axis, keepDims: false })).toBeUndefined();
  });
});

describe('UnsortedSegmentSum', () => {
  it('adds the rows of each id and drops ids out of range', () =>
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.integer({ min: -2, max: 7 }), { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
        fc.integer({ min: 1, max: 6 }),
        (seed, ids, rowShape, numSegments) => {
          const x = draw(seed, [ids.length, ...rowShape]);
          const row = rowShape.reduce((size, length) => size * length, 1);
          const segmentIds: Operand = { shape: [ids.length], values: ids, dtype: 'int32' };
          const { shape, values } = compute('UnsortedSegmentSum', { x, segmentIds }, { numSegments });
          expect(shape).toEqual([numSegments, ...rowShape]);
          const expected = reference.sumSegments(x.values, ids, row, numSegments);
          const scale = reference.sumSegments(magnitudes(x.values), ids, row, numSegments);
          expect(relativeError(values, expected, scale)).toBeLessThanOrEqual(1e-5);
        },
      ),
    ));

  it('does not serve integers', () => {
    const segmentIds: Operand = { shape: [2], values: [0, 1], dtype: 'int32' };
    expect(
      probe('UnsortedSegmentSum', { x: { ...segmentIds, values: [3, 4] }, segmentIds }, { numSegments: 2 }),
    ).toBeUndefined();
  });
});

describe('MaxPoolGrad', () => {
  const poolings = fc
    .record({
      batch: fc.integer({ min: 1, max: 3 }),
      image: fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 })),
      channels: fc.constantFrom(1, 2, 3, 4, 5, 8, 11),
      filterSize: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      pad: fc.constantFrom('same' as const, 'valid' as const),
      seed: fc.nat(),
      levels: fc.constantFrom(2, 3, 1e6),
    })
    .filter(({ image, filterSize, pad }) => pad === 'same' || (image[0] >= filterSize[0] && image[1] >= filterSize[1]));

  it('sends the gradient of every window to its first maximum, ties included', () =>
    fc.assert(
      fc.property(poolings, ({ batch, image, channels, filterSize, strides, pad, seed, levels }) => {
        const shape: Shape4D = [batch, ...image, channels];
        const windows = reference.windowsOf(shape, [...filterSize, channels, channels], strides, pad);
        const input = draw(seed, shape);
        // Few levels make ties.
        input.values.forEach((value, i) => (input.values[i] = Math.round(value * levels)));
        const dy = draw(seed + 1, windows.output);
        const output = { shape: windows.output, values: reference.maxPool(windows, input.values) };
        const result = compute('MaxPoolGrad', { dy, input, output }, { filterSize, strides, pad });
        expect(result.shape).toEqual(shape);
        const expected = reference.maxPoolGradient(windows, input.values, dy.values);
        const scale = reference.maxPoolGradient(windows, input.values, magnitudes(dy.values));
        expect(relativeError(result.values, expected, scale)).toBeLessThanOrEqual(1e-5);
      }),
    ));

  it('sends NaN where the maximum is, in the vectors and behind them', () => {
    const input = { shape: [1, 1, 2, 5], values: [1, 1, 1, 1, 1, 0, 2, 0, 0, 2] };
    const output = { shape: [1, 1, 1, 5], values: [1, 2, 1, 1, 2] };
    const dy = { shape: [1, 1, 1, 5], values: new Float32Array(5).fill(Number.NaN) };
    const { values } = compute('MaxPoolGrad', { dy, input, output }, { filterSize: [1, 2], strides: 1, pad: 'valid' });
    const n = Number.NaN;
    expect([...values]).toEqual([n, 0, n, n, 0, 0, n, 0, 0, n]);
  });
});
