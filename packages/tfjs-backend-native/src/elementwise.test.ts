// Operations element by element against the same in float64: to the last bit where one rounding is all there is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compute, draw, drawValues, isMissing, type Operand, probe } from './kernel-probe.ts';
import { BINARY_KERNELS, type BinaryKernelName, UNARY_KERNELS, type UnaryKernelName } from './kernel-names.ts';

const SPECIAL = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, -1e-45, 3e38];
const f = Math.fround;

/** toEqual tells -0 from 0 and takes NaN for itself. */
function expectBits(actual: Float32Array, expected: Iterable<number>): void {
  expect(actual).toEqual(Float32Array.from(expected));
}

const BINARY: Readonly<Record<BinaryKernelName, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Maximum: Math.max,
  Minimum: Math.min,
  SquaredDifference: (a, b) => f(a - b) * f(a - b),
  Equal: (a, b) => Number(a === b),
  NotEqual: (a, b) => Number(a !== b),
  Greater: (a, b) => Number(a > b),
  GreaterEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessEqual: (a, b) => Number(a <= b),
};

/** One operand's numbers, each as often as the rule of broadcasting repeats it. */
function repeated(operand: Operand, shape: readonly number[]): number[] {
  const size = shape.reduce((product, length) => product * length, 1);
  return Array.from({ length: size }, (_, flat) => {
    let [rest, at, step] = [flat, 0, 1];
    for (let fromEnd = 1; fromEnd <= shape.length; fromEnd++) {
      const length = shape[shape.length - fromEnd];
      const own = operand.shape[operand.shape.length - fromEnd] ?? 1;
      if (own !== 1) at += (rest % length) * step;
      step *= own;
      rest = Math.floor(rest / length);
    }
    return operand.values[at];
  });
}

describe.skipIf(isMissing).each(BINARY_KERNELS)('%s', (name) => {
  const operation = BINARY[name];
  const axes = fc.array(
    fc.record({ length: fc.integer({ min: 1, max: 19 }), repeat: fc.constantFrom('neither', 'a', 'b', 'both') }),
    { maxLength: 4 },
  );

  it('of any shapes, either of which repeats along any axes', () =>
    fc.assert(
      fc.property(axes, fc.nat(), fc.nat(4), fc.boolean(), (plan, seed, cut, swap) => {
        const ofOne = (side: 'a' | 'b') =>
          plan.map(({ length, repeat }) => (repeat === side || repeat === 'both' ? 1 : length));
        // Leading axes may be missing instead of having length 1.
        const shapes = [ofOne('a'), ofOne('b').slice(Math.min(cut, plan.length))];
        const [a, b] = (swap ? shapes.toReversed() : shapes).map((shape, i) => {
          const { values, ...rest } = draw(seed + i, shape);
          // Coarse, so that comparisons meet equal numbers.
          return { ...rest, values: values.map((value) => Math.round(value * 4) / 4) };
        });
        const shape = ofOne('a').map((length, at) => {
          const other = at < cut ? 1 : ofOne('b')[at];
          return Math.max(length, other);
        });
        const result = compute(name, { a, b });
        expect(result.shape).toEqual(shape);
        const [left, right] = [repeated(a, shape), repeated(b, shape)];
        expectBits(
          result.values,
          left.map((value, i) => operation(value, right[i])),
        );
      }),
    ));

  it('of special values, in the vectors and behind them', () => {
    const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [f(a), f(b)] as const));
    const [a, b] = [0, 1].map((side) => ({ shape: [pairs.length], values: pairs.map((pair) => pair[side]) }));
    expectBits(
      compute(name, { a, b }).values,
      pairs.map((pair) => operation(pair[0], pair[1])),
    );
  });

  it('of more numbers than one thread takes', () => {
    const [a, b] = [draw(1, [3, 50_001]), draw(2, [50_001])];
    const { values } = compute(name, { a, b });
    expectBits(
      values,
      a.values.map((value, i) => operation(value, b.values[i % 50_001])),
    );
  });

  it.each<[string, Record<string, Operand>]>([
    ['integers', { a: { ...draw(1, [3]), dtype: 'int32' }, b: draw(2, [3]) }],
    ['empty tensors', { a: draw(1, [0, 3]), b: draw(2, [3]) }],
  ])('leaves %s to the stock kernel', (_, operands) => {
    expect(probe(name, operands)).toBeUndefined();
  });
});

interface Unary {
  readonly of: (x: number) => number;
  /** Units in the last place that more than one rounding may cost. */
  readonly slack?: number;
  readonly attrs?: Readonly<Record<string, number>>;
}

const UNARY: Readonly<Record<UnaryKernelName, Unary>> = {
  Abs: { of: Math.abs },
  ClipByValue: { of: (x) => Math.min(Math.max(x, -0.5), 0.25), attrs: { clipValueMin: -0.5, clipValueMax: 0.25 } },
  Exp: { of: Math.exp, slack: 1 },
  LeakyRelu: { of: (x) => (x < 0 ? f(0.3) * x : x), attrs: { alpha: 0.3 } },
  Log: { of: Math.log, slack: 1 },
  Neg: { of: (x) => -x },
  Reciprocal: { of: (x) => 1 / x },
  Relu: { of: (x) => Math.max(0, x) },
  Relu6: { of: (x) => Math.min(Math.max(0, x), 6) },
  Rsqrt: { of: (x) => 1 / Math.sqrt(x), slack: 1 },
  Sigmoid: { of: (x) => 1 / (1 + Math.exp(-x)), slack: 3 },
  Sign: { of: (x) => (Number.isNaN(x) || x === 0 ? 0 : Math.sign(x)) },
  Sqrt: { of: Math.sqrt },
  Square: { of: (x) => x * x },
  Step: { of: (x) => (Number.isNaN(x) ? x : x > 0 ? 1 : f(0.2)), attrs: { alpha: 0.2 } },
  Tanh: { of: Math.tanh, slack: 2 },
};

describe.skipIf(isMissing).each(UNARY_KERNELS)('%s', (name) => {
  const { of, slack = 0, attrs = {} } = UNARY[name];

  function expectMapped(values: Float32Array): void {
    const actual = compute(name, { x: { shape: [values.length], values } }, attrs).values;
    const expected = values.map(of);
    if (slack === 0) return expectBits(actual, expected);
    expected.forEach((wanted, i) => {
      const distance = Math.abs(actual[i] - wanted);
      if (Number.isFinite(wanted)) expect(distance).toBeLessThanOrEqual(slack * 2 ** -23 * Math.abs(wanted) + 1e-44);
      else expect(actual[i]).toBe(wanted);
    });
  }

  it('of any number of numbers', () =>
    fc.assert(
      fc.property(fc.nat(), fc.nat(70), (seed, size) => expectMapped(drawValues(seed, size).map((x) => 8 * x))),
    ));

  it('of special values', () => expectMapped(Float32Array.from([...SPECIAL, 1e-8, -1e-8, 0.25, -0.5])));

  it('leaves integers to the stock kernel', () => {
    expect(probe(name, { x: { shape: [2], values: [3, -3], dtype: 'int32' } }, attrs)).toBeUndefined();
  });
});

describe.skipIf(isMissing)('Cast', () => {
  it('shares a tensor of the same type', () => {
    for (const x of [draw(1, [2, 3]), { shape: [3], values: [1, -2, 3], dtype: 'int32' as const }, draw(1, [0])]) {
      const { values } = compute('Cast', { x }, { dtype: 'dtype' in x ? x.dtype : 'float32' });
      expectBits(values, Float32Array.from(x.values));
    }
  });

  it('makes floats of integers and truths', () => {
    const integers = { shape: [4], values: [0, -7, 16_777_217, 2 ** 31 - 1], dtype: 'int32' } as const;
    expectBits(compute('Cast', { x: integers }, { dtype: 'float32' }).values, integers.values);
    const truths = { shape: [3], values: [1, 0, 1], dtype: 'bool' } as const;
    expectBits(compute('Cast', { x: truths }, { dtype: 'float32' }).values, [1, 0, 1]);
  });

  it('leaves other changes to the stock kernel', () => {
    expect(probe('Cast', { x: draw(1, [2]) }, { dtype: 'int32' })).toBeUndefined();
  });
});

describe.skipIf(isMissing)('Select', () => {
  it.each([
    ['elements', [4, 3], 1],
    ['rows', [4], 3],
    ['all or nothing', [], 12],
  ] as const)('chooses %s', (_, shape, columns) => {
    const [t, e] = [draw(1, [4, 3]), draw(2, [4, 3])];
    const choices = Array.from({ length: 12 / columns }, (_choice, i) => Number(i % 3 !== 1));
    const { values } = compute('Select', { condition: { shape, values: choices, dtype: 'bool' }, t, e });
    expectBits(
      values,
      t.values.map((value, i) => (choices[Math.floor(i / columns)] ? value : e.values[i])),
    );
  });
});

describe.skipIf(isMissing)('PgdStepLinf', () => {
  /** In float32, operation by operation. */
  function step(adversarial: number, gradient: number, clean: number, stepSize: number, epsilon: number): number {
    const direction = Number.isNaN(gradient) ? Number.NaN : f(Math.sign(gradient) * f(stepSize));
    const inBall = Math.min(Math.max(f(adversarial + direction), f(clean - f(epsilon))), f(clean + f(epsilon)));
    return Math.min(Math.max(inBall, 0), 1);
  }

  it('is a signed step, back into the ball and the box', () => {
    const size = fc.double({ min: 0, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), fc.nat(70), size, size, (seed, count, stepSize, epsilon) => {
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

  it('keeps a NaN of the gradient and follows infinite ones', () => {
    const gradient = { shape: [5], values: [1, -0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN] };
    const clean = { shape: [5], values: new Float32Array(5).fill(0.5) };
    const { values } = compute('PgdStepLinf', { adversarial: clean, gradient, clean }, { stepSize: 0.25, epsilon: 1 });
    expectBits(values, [0.75, 0.5, 0.25, 0.75, Number.NaN]);
  });
});
