// BatchMatMul and _FusedMatMul against plain float64 loops.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as reference from '@reseed/fused-kernels/float64-reference';
import { compute, draw, magnitudes, probe, relativeError } from './kernel-probe.ts';

interface Case extends reference.Product {
  readonly outerA: readonly number[];
  readonly outerB: readonly number[];
  readonly biased: boolean;
  readonly activation: 'linear' | 'relu';
  readonly seed: number;
  readonly lowest: -1 | 0;
}

/** Leading dimensions of a and b that our kernel serves. */
const outers = fc.constantFrom<[readonly number[], readonly number[]][]>(
  [[], []],
  [[3], [3]],
  [
    [2, 3],
    [2, 3],
  ],
  [[1], [3]],
  [
    [2, 2],
    [1, 1],
  ],
  [[], [2]],
  [[3], [1, 1]],
  [[1, 1], [2]],
  [[2], [1, 2]],
);
const length = fc.oneof(fc.integer({ min: 1, max: 24 }), fc.constantFrom(80, 83));
const products: fc.Arbitrary<Case> = fc
  .record({
    m: length,
    k: length,
    n: length,
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    outer: outers,
    biased: fc.boolean(),
    activation: fc.constantFrom('linear' as const, 'relu' as const),
    seed: fc.nat(),
    lowest: fc.constantFrom<(-1 | 0)[]>(-1, 0),
  })
  .map(({ outer: [outerA, outerB], ...rest }) => ({ outerA, outerB, ...rest }));

function operands({ m, k, n, transposeA, transposeB, outerA, outerB, seed, lowest }: Case) {
  return {
    a: draw(seed, [...outerA, ...(transposeA ? [k, m] : [m, k])], lowest),
    b: draw(seed + 1, [...outerB, ...(transposeB ? [n, k] : [k, n])], lowest),
    bias: draw(seed + 2, [n], lowest),
  };
}

/** All products of a case, one after the other. */
function multiplyAll(given: Case, a: Float32Array, b: Float32Array): Float64Array {
  const { m, k, n } = given;
  const count = Math.max(a.length / (m * k), b.length / (k * n));
  const results = Array.from({ length: count }, (_, i) => {
    const left = a.length === m * k ? a : a.subarray(i * m * k, (i + 1) * m * k);
    const right = b.length === k * n ? b : b.subarray(i * k * n, (i + 1) * k * n);
    return [...reference.multiply(given, left, right)];
  });
  return Float64Array.from(results.flat());
}

/** TensorFlow's rule: aligned at the end, the longer and the larger wins. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => Math.max(a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1));
}

function expectProduct(given: Case): void {
  const { transposeA, transposeB, biased, activation, m, n } = given;
  const { a, b, bias } = operands(given);
  const fused = biased || activation === 'relu';
  const [name, attrs] = fused ? (['_FusedMatMul', { activation }] as const) : (['BatchMatMul', {}] as const);
  const { shape, values } = compute(
    name,
    { a, b, bias: biased ? bias : undefined },
    { transposeA, transposeB, ...attrs },
  );
  expect(shape).toEqual([...broadcast(given.outerA, given.outerB), m, n]);
  const ending = biased ? bias.values : undefined;
  const expected = reference.finish(multiplyAll(given, a.values, b.values), ending, activation);
  const scale = multiplyAll(given, magnitudes(a.values), magnitudes(b.values));
  const scaleWithBias = reference.finish(scale, ending && magnitudes(ending), 'linear');
  expect(relativeError(values, expected, scaleWithBias)).toBeLessThanOrEqual(1e-5);
}

const plain: Case = {
  ...{ m: 7, k: 9, n: 11, transposeA: false, transposeB: false, outerA: [], outerB: [] },
  ...{ biased: false, activation: 'linear', seed: 1, lowest: -1 },
};

describe('products', () => {
  it('on any shape, with either operand transposed, biased and clamped', () =>
    fc.assert(fc.property(products, expectProduct), { numRuns: 300 }));

  it.each<Partial<Case>>([
    { m: 83, k: 1025, n: 19 },
    { m: 83, k: 1025, n: 19, transposeA: true, biased: true },
    { m: 161, k: 600, n: 8, transposeB: true, activation: 'relu', biased: true },
    { m: 5, k: 512, n: 65, transposeA: true, transposeB: true, activation: 'relu' },
  ])('over several blocks: %o', (size) => expectProduct({ ...plain, ...size }));

  it('of nothing are empty', () => {
    const attrs = { transposeA: false, transposeB: false };
    expect(compute('BatchMatMul', { a: draw(1, [0, 3]), b: draw(2, [3, 2]) }, attrs).shape).toEqual([0, 2]);
    expect(compute('BatchMatMul', { a: draw(1, [4, 3]), b: draw(2, [3, 0]) }, attrs).shape).toEqual([4, 0]);
    expect(compute('BatchMatMul', { a: draw(1, [0, 4, 3]), b: draw(2, [3, 2]) }, attrs).shape).toEqual([0, 4, 2]);
  });

  it('pass on NaN and infinities, through relu too, and turn no zero negative', () => {
    const a = { values: [Number.NaN, 1, Number.POSITIVE_INFINITY, 2, -0, -0], shape: [3, 2] };
    const b = { values: [1, 0, 0, 1], shape: [2, 2] };
    const attrs = { transposeA: false, transposeB: false, activation: 'relu' };
    const { values } = compute('_FusedMatMul', { a, b }, attrs);
    expect([...values]).toEqual([Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, Number.NaN, 0, 0]);
  });
});

describe('what is left to the stock kernels', () => {
  const [a, b] = [draw(1, [3, 4]), draw(2, [4, 5])];
  const attrs = { transposeA: false, transposeB: false };

  it.each([
    ['integers', { a: { ...a, dtype: 'int32' as const }, b }, {}],
    ['another activation', { a, b }, { activation: 'elu' }],
    ['a bias of another shape', { a, b, bias: draw(3, [1, 5]) }, {}],
    ['leading dimensions that repeat on both sides', { a: draw(1, [2, 1, 3, 4]), b: draw(2, [1, 2, 4, 5]) }, {}],
    ['an inner dimension of 0', { a: draw(1, [3, 0]), b: draw(2, [0, 5]) }, {}],
  ])('%s', (_, given, change) => {
    expect(probe('_FusedMatMul', { a, b }, { ...attrs, activation: 'linear' })).toHaveLength(1);
    expect(probe('_FusedMatMul', given, { ...attrs, ...change })).toBeUndefined();
  });
});
