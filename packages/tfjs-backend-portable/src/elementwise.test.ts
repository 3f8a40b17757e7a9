// Add, Maximum, Minimum, Sign, PgdStepLinf, Identity, Cast and SplitV: no rounding to speak of, so to the last bit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compute, draw, drawValues, type KernelName, type Operand, probe } from './kernel-probe.ts';

const SPECIAL = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, -1e-45, 3e38];

/** toEqual tells -0 from 0 and takes NaN for itself. */
function expectBits(actual: Float32Array, expected: Iterable<number>): void {
  expect(actual).toEqual(Float32Array.from(expected));
}

const operations: readonly [KernelName, (a: number, b: number) => number][] = [
  ['Add', (a, b) => a + b],
  ['Maximum', Math.max],
  ['Minimum', Math.min],
];

describe.each(operations)('%s', (name, operation) => {
  const shapes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 0, maxLength: 4 });

  it('of equal shapes, and of one that repeats along leading axes, on either side', () =>
    fc.assert(
      fc.property(shapes, fc.nat(), fc.nat(4), fc.boolean(), fc.nat(2), (shape, seed, cut, swap, ones) => {
        const row = [...Array.from({ length: Math.min(ones, cut, shape.length) }, () => 1), ...shape.slice(cut)];
        const [large, small] = [draw(seed, shape), draw(seed + 1, row)];
        const result = compute(name, swap ? { a: small, b: large } : { a: large, b: small });
        expect(result.shape).toEqual(shape);
        const repeated = large.values.map((_, i) => small.values[i % small.values.length]);
        expectBits(
          result.values,
          large.values.map((value, i) => operation(value, repeated[i])),
        );
      }),
    ));

  it('of special values, in the vectors and behind them', () => {
    const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [a, b] as const));
    pairs.push([Number.NaN, 1], [1, Number.NaN], [-0, 0]);
    const [a, b] = [0, 1].map((side) => ({ shape: [pairs.length], values: pairs.map((pair) => pair[side]) }));
    const expected = pairs.map((pair) => operation(Math.fround(pair[0]), Math.fround(pair[1])));
    expectBits(compute(name, { a, b } as Record<string, Operand>).values, expected);
    for (const number of SPECIAL) {
      const { values } = compute(name, { a: { shape: [10], values: SPECIAL }, b: { shape: [], values: [number] } });
      expectBits(
        values,
        SPECIAL.map((value) => operation(Math.fround(value), Math.fround(number))),
      );
    }
  });

  it.each<[string, Record<string, Operand>]>([
    ['integers', { a: { ...draw(1, [3]), dtype: 'int32' }, b: draw(2, [3]) }],
    ['empty tensors', { a: draw(1, [0, 3]), b: draw(2, [3]) }],
    ['repetition on both sides', { a: draw(1, [2, 1]), b: draw(2, [1, 2]) }],
    ['repetition along the last axis', { a: draw(1, [2, 3]), b: draw(2, [2, 1]) }],
  ])('leaves %s to the stock kernel', (_, operands) => {
    expect(probe(name, operands)).toBeUndefined();
  });
});

describe('Sign', () => {
  it('is 0 for zeros and NaN alone, however small a number is', () => {
    const values = [...SPECIAL, 1e-8, -1e-8, 5e-324];
    const { values: signs } = compute('Sign', { x: { shape: [13], values } });
    expectBits(signs, [0, 0, 1, -1, 0, 1, -1, 1, -1, 1, 1, -1, 0]);
  });

  it('of any number of numbers', () =>
    fc.assert(
      fc.property(fc.nat(), fc.nat(40), (seed, size) => {
        const x = draw(seed, [size]);
        expectBits(compute('Sign', { x }).values, x.values.map(Math.sign));
      }),
    ));

  it('leaves integers to the stock kernel', () => {
    expect(probe('Sign', { x: { shape: [2], values: [3, -3], dtype: 'int32' } })).toBeUndefined();
  });
});

describe('PgdStepLinf', () => {
  const f = Math.fround;

  /** In float32, operation by operation. */
  function step(adversarial: number, gradient: number, clean: number, stepSize: number, epsilon: number): number {
    const direction = Number.isNaN(gradient) ? Number.NaN : f(Math.sign(gradient) * f(stepSize));
    const inBall = Math.min(Math.max(f(adversarial + direction), f(clean - f(epsilon))), f(clean + f(epsilon)));
    return Math.min(Math.max(inBall, 0), 1);
  }

  it('is a signed step, back into the ball and the box', () => {
    const size = fc.double({ min: 0, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), fc.nat(30), size, size, (seed, count, stepSize, epsilon) => {
        const clean = draw(seed, [count], 0);
        const gradient = draw(seed + 1, [count]);
        gradient.values.forEach((value, i) => (gradient.values[i] = i % 5 === 0 ? 0 : value * 1e-9));
        const offsets = drawValues(seed + 2, count);
        const adversarial = { ...clean, values: clean.values.map((value, i) => value + offsets[i] * epsilon) };
        const { values } = compute('PgdStepLinf', { adversarial, gradient, clean }, { stepSize, epsilon });
        const expected = clean.values.map((value, i) =>
          step(adversarial.values[i], gradient.values[i], value, stepSize, epsilon),
        );
        expectBits(values, expected);
      }),
    );
  });

  it('keeps a NaN of the gradient and follows infinite ones, in the vector and behind it', () => {
    const slopes = [1, -0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN];
    const gradient = { shape: [10], values: [...slopes, ...slopes] };
    const clean = { shape: [10], values: new Float32Array(10).fill(0.5) };
    const { values } = compute('PgdStepLinf', { adversarial: clean, gradient, clean }, { stepSize: 0.25, epsilon: 1 });
    const expected = [0.75, 0.5, 0.25, 0.75, Number.NaN];
    expectBits(values, [...expected, ...expected]);
  });
});

describe('Identity and Cast', () => {
  it.each<Operand>([draw(1, [2, 3]), { shape: [3], values: [1, -2, 3], dtype: 'int32' }, draw(1, [0])])(
    'keep values and shape of $shape',
    (x) => {
      expect(compute('Identity', { x })).toEqual({ shape: x.shape, values: Float32Array.from(x.values) });
      expect(compute('Cast', { x }, { dtype: x.dtype ?? 'float32' })).toEqual(compute('Identity', { x }));
    },
  );

  it('Cast leaves a change of type to the stock kernel', () => {
    expect(probe('Cast', { x: draw(1, [2]) }, { dtype: 'int32' })).toBeUndefined();
  });
});

describe('SplitV', () => {
  it('cuts the first axis that is longer than 1 into parts of any length, 0 included', () => {
    const lengths = fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }).filter((parts) => parts.some((n) => n > 0));
    fc.assert(
      fc.property(
        fc.nat(),
        lengths,
        fc.nat(2),
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
        (seed, parts, axis, after) => {
          const before = Array.from({ length: axis }, () => 1);
          const x = draw(seed, [...before, parts.reduce((sum, n) => sum + n), ...after]);
          let from = 0;
          const expected = parts.map((length) => {
            const shape = [...before, length, ...after];
            const values = x.values.slice(from, (from += shape.reduce((size, n) => size * n, 1)));
            return { shape, values };
          });
          expect(probe('SplitV', { x }, { numOrSizeSplits: parts, axis })).toEqual(expected);
          expect(probe('SplitV', { x }, { numOrSizeSplits: parts, axis: axis - x.shape.length })).toEqual(expected);
        },
      ),
    );
  });

  it('cuts into equal parts', () => {
    const x = draw(1, [6, 2]);
    const parts = [0, 4, 8].map((from) => ({ shape: [2, 2], values: x.values.slice(from, from + 4) }));
    expect(probe('SplitV', { x }, { numOrSizeSplits: 3, axis: 0 })).toEqual(parts);
  });

  it.each<[string, Operand, number]>([
    ['integers', { ...draw(1, [4]), dtype: 'int32' }, 0],
    ['another axis', draw(1, [2, 4]), 1],
  ])('leaves %s to the stock kernel', (_, x, axis) => {
    expect(probe('SplitV', { x }, { numOrSizeSplits: 2, axis })).toBeUndefined();
  });
});
