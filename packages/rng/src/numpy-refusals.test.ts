// What NumPy answers with ValueError or OverflowError is refused by name, before a word is consumed.
import { describe, expect, it } from 'vitest';
import {
  DrawRangeError,
  DtypeBoundsError,
  GeneratorStateError,
  ParameterOutOfRangeError,
  SampleTooLargeError,
  SeedEmptyError,
  SeedOutOfRangeError,
} from './errors.ts';
import { NumpyRandomState } from './numpy-random-state.ts';

type Attempt = (stream: NumpyRandomState) => unknown;
const { NaN: nan, POSITIVE_INFINITY: infinite, MAX_SAFE_INTEGER: exact } = Number;

const parameters: [Attempt, Partial<ParameterOutOfRangeError>][] = [
  [(s) => s.uniform(0, infinite), { method: 'uniform', field: 'high − low', value: infinite, limit: 'finite' }],
  [(s) => s.fillUniform(new Float64Array(1), nan, 1), { method: 'uniform', value: nan }],
  [(s) => s.normal(0, -1), { method: 'normal', field: 'deviation', value: -1, limit: '0 or more' }],
  [(s) => s.normal(0, -0), { method: 'normal', field: 'deviation' }],
  [(s) => s.exponential(-2), { method: 'exponential', field: 'scale', value: -2 }],
  [(s) => s.gamma(-1), { field: 'shape', value: -1, limit: '0 or more' }],
  [(s) => s.gamma(nan), { field: 'shape', value: nan }],
  [(s) => s.gamma(1, -1), { method: 'gamma', field: 'scale', value: -1 }],
  [(s) => s.beta(0, 1), { method: 'beta', field: 'a', value: 0, limit: 'above 0' }],
  [(s) => s.beta(1, nan), { method: 'beta', field: 'b', value: nan }],
  [(s) => s.binomial(-1, 0.5), { method: 'binomial', field: 'n', value: -1 }],
  [(s) => s.binomial(1.5, 0.5), { method: 'binomial', field: 'n', value: 1.5 }],
  [(s) => s.binomial(1, 1.5), { method: 'binomial', field: 'p', value: 1.5, limit: 'from 0 to 1' }],
  [(s) => s.binomial(1, nan), { method: 'binomial', field: 'p' }],
  [(s) => s.binomial(100, 0.5), { method: 'binomial', value: 50, limit: 'at most 30' }],
  [(s) => s.bytes(-1), { method: 'bytes', field: 'size', value: -1 }],
  [(s) => s.choices(3, -1), { method: 'choice', field: 'size', value: -1 }],
  [(s) => s.choices(3, 1, [0.5, 0.5]), { method: 'choice', field: 'p.length', value: 2 }],
  [(s) => s.choices(2, 1, [-0.5, 1.5]), { method: 'choice', field: 'p[0]', value: -0.5 }],
  [(s) => s.choices(2, 1, [0.5, nan]), { method: 'choice', field: 'p[1]', value: nan }],
  [(s) => s.choices(2, 1, [0.5, 0.6]), { method: 'choice', field: 'the sum of p', value: 1.1, limit: '1' }],
  [(s) => s.randintArray(0, 3, { size: -1, dtype: 'int8' }), { method: 'randint', field: 'size', value: -1 }],
];

const dtypeBounds: [Attempt, Partial<DtypeBoundsError>][] = [
  [(s) => s.randintArray(0, 257, { size: 1, dtype: 'uint8' }), { dtype: 'uint8', field: 'high', value: 257n }],
  [(s) => s.randintArray(-1, 5, { size: 1, dtype: 'uint8' }), { dtype: 'uint8', field: 'low', value: -1n, limit: 0n }],
  [(s) => s.randintArray(0, 3, { size: 1, dtype: 'bool' }), { dtype: 'bool', field: 'high', limit: 2n }],
  [(s) => s.randintArray(0n, 1n << 64n, { size: 1, dtype: 'int64' }), { field: 'high', limit: 1n << 63n }],
];

const ranges: Attempt[] = [
  (s) => s.randint(3, 3),
  (s) => s.randint(0, 1.5),
  (s) => s.randint(0, exact + 1),
  (s) => s.randintBig(1n, 1n),
  (s) => s.randintBig(0n, (1n << 64n) + 1n),
  (s) => s.randintArray(3, 3, { size: 1, dtype: 'uint8' }),
  (s) => s.randintArray(5, 3, { size: 1, dtype: 'int64' }),
  (s) => s.randintArray(0, 1.5, { size: 1, dtype: 'int32' }),
  (s) => s.permutation(-1),
  (s) => s.choice(0),
  (s) => s.choices(0, 1),
  (s) => s.choices(2 ** 31, 1),
];

const tooLarge: [Attempt, Partial<SampleTooLargeError>][] = [
  [(s) => s.choiceDistinct(3, 4), { method: 'choiceDistinct', size: 4, population: 3 }],
  [(s) => s.choiceDistinct(3, 2, [0, 0, 1]), { method: 'choiceDistinct', size: 2, population: 1 }],
];

describe('NumpyRandomState refuses', () => {
  const stream = new NumpyRandomState(0);
  const attempt = (draw: Attempt): unknown => {
    try {
      return draw(stream);
    } catch (error) {
      return error;
    }
  };
  const refuses = (draw: Attempt, kind: new (...args: never[]) => Error, facts: object): void => {
    const error = attempt(draw);
    expect(error).toBeInstanceOf(kind);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ ...facts, name: kind.name });
    expect(stream.wordsDrawn).toBe(0);
  };

  it.each(parameters)('%s', (draw, facts) => refuses(draw, ParameterOutOfRangeError, facts));
  it.each(dtypeBounds)('%s', (draw, facts) => refuses(draw, DtypeBoundsError, facts));
  it.each(ranges)('%s', (draw) => refuses(draw, DrawRangeError, {}));
  it.each(tooLarge)('%s', (draw, facts) => refuses(draw, SampleTooLargeError, facts));

  it.each([-1, 0.5, 2 ** 32, nan])('the seed %s', (seed) => {
    expect(() => new NumpyRandomState(seed)).toThrow(SeedOutOfRangeError);
    expect(() => stream.seed(seed)).toThrow(SeedOutOfRangeError);
    expect(() => new NumpyRandomState([1, seed])).toThrow('seed[1]');
  });

  it('a seed without words', () => {
    expect(() => new NumpyRandomState([])).toThrow(SeedEmptyError);
  });

  it('malformed states', () => {
    const state = stream.getState();
    const malformed = [
      { ...state, position: 625 },
      { ...state, key: state.key.slice(1) },
      { ...state, key: state.key.with(3, -1) },
      { ...state, gauss: 'x' as unknown as number },
    ];
    for (const bad of malformed) expect(() => NumpyRandomState.fromState(bad)).toThrow(GeneratorStateError);
  });

  it('nothing that NumPy gives: no samples of nothing, a shape of 0, a range of one value', () => {
    const free = new NumpyRandomState(0);
    expect(free.choices(0, 0)).toHaveLength(0);
    expect(free.choiceDistinct(0, 0)).toHaveLength(0);
    expect(free.gamma(0)).toBe(0);
    expect(free.randint(3, 4)).toBe(3);
    expect(free.wordsDrawn).toBe(0);
  });
});
