// Every draw against vectors made by Python's random.Random from fresh seeds, then seeding in place and refusals.
import { describe, expect, it } from 'vitest';
import {
  DrawRangeError,
  GeneratorStateError,
  ParameterOutOfRangeError,
  SampleTooLargeError,
  SeedOutOfRangeError,
} from './errors.ts';
import { GoldenFile } from './golden-entries.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import { PythonRandom } from './python-random.ts';

const golden = GoldenFile.open<{ cases: { seed: string }[] }>('python_random', ['seed']);

function times<T>(n: number, draw: () => T): T[] {
  return Array.from({ length: n }, draw);
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** What each golden entry asks of a freshly seeded generator. */
const draws: Record<string, (random: PythonRandom) => unknown> = {
  key_head: (r) => r.getState().key.slice(0, 4),
  key_tail: (r) => r.getState().key.slice(-2),
  pos: (r) => r.getState().position,
  getrandbits32_x6: (r) => times(6, () => r.getrandbits(32)),
  getrandbits_5_x6: (r) => times(6, () => r.getrandbits(5)),
  getrandbits_40_x3: (r) => times(3, () => String(r.getrandbits(40))),
  random_x5: (r) => times(5, () => r.random()),
  randrange_9_x10: (r) => times(10, () => r.randrange(0, 9)),
  randint_0_8_x6: (r) => times(6, () => r.randint(0, 8)),
  randrange_1000_x6: (r) => times(6, () => r.randrange(0, 1000)),
  'uniform_-30_30_x3': (r) => times(3, () => r.uniform(-30, 30)),
  choice_abc_x8: (r) => times(8, () => r.choice('abc')).join(''),
  shuffle12: (r) => r.shuffle(range(12)),
  sample_20_5: (r) => r.sample(range(20), 5),
  sample_1000_5: (r) => r.sample(range(1000), 5),
};

/** Entries that pass through the C library's log, cos and sin. */
const throughLog: Record<string, (random: PythonRandom) => unknown> = {
  gauss_x3: (r) => times(3, () => r.gauss()),
  normalvariate_x2: (r) => times(2, () => r.normalvariate()),
  betavariate_1_1: (r) => r.betavariate(1, 1),
};

describe.each(golden.content.cases.map(({ seed }, index) => ({ seed, index })))('Random($seed)', ({ seed, index }) => {
  const random = () => new PythonRandom(BigInt(seed));

  it.each(Object.entries(draws))('%s', (key, draw) => {
    golden.compare(['cases', index, key], draw(random()));
  });

  it.each(Object.entries(throughLog))('%s', (key, draw) => {
    golden.compare(['cases', index, key], draw(random()), { relative: 2.3e-16 });
  });
});

it('compares every entry of python_random.json', () => {
  expect(golden.uncompared).toEqual([]);
  expect(golden.entries).toBe(10 * 18);
});

describe('PythonRandom', () => {
  it('shares its words with NumPy seeded by the words of the same integer', () => {
    const [python, numpy] = [new PythonRandom((7n << 64n) + 5n), new NumpyRandomState([5, 0, 7])];
    expect(times(1300, () => python.nextUint32())).toEqual(times(1300, () => numpy.nextUint32()));
  });

  it('seeds in place as the constructor does, and forgets the kept normal', () => {
    const random = new PythonRandom(1);
    random.gauss();
    random.seed(-42);
    expect(random.getState()).toEqual(new PythonRandom(42).getState());
    expect(random.wordsDrawn).toBe(0);
  });

  it('fills, peeks and draws the same words', () => {
    const random = new PythonRandom(12);
    const [ahead, filled] = [new Uint32Array(650), new Uint32Array(650)];
    random.peek(ahead);
    random.clone().fill(filled);
    expect(filled).toEqual(ahead);
    expect(times(650, () => random.nextUint32())).toEqual(Array.from(ahead));
  });

  it('refuses what Python refuses', () => {
    for (const seed of [0.5, 2 ** 53, Number.NaN]) expect(() => new PythonRandom(seed)).toThrow(SeedOutOfRangeError);
    const random = new PythonRandom(0);
    const ranges = [
      () => random.getrandbits(-1),
      () => random.getrandbits(54),
      () => random.getrandbitsBig(-1),
      () => random.getrandbitsBig(0.5),
      () => random.randrange(3, 3),
      () => random.randrange(0, 5, -1),
      () => random.randrange(0, 5, 0),
      () => random.randrange(0, 1.5),
      () => random.randrangeBig(1n, 1n),
      () => random.randint(3, 2),
      () => random.choice([]),
    ];
    for (const attempt of ranges) expect(attempt).toThrow(DrawRangeError);
    expect(() => random.sample([1], 2)).toThrow(SampleTooLargeError);
    expect(() => random.sample([1], -1)).toThrow(SampleTooLargeError);
    expect(() => random.gammavariate(0, 1)).toThrow('gammavariate: alpha is 0');
    expect(() => random.gammavariate(1, -1)).toThrow(ParameterOutOfRangeError);
    expect(() => random.betavariate(-1, 1)).toThrow(ParameterOutOfRangeError);
    expect(random.wordsDrawn).toBe(0);
    const malformed = { ...random.getState(), gauss: 'x' as unknown as number };
    expect(() => PythonRandom.fromState(malformed)).toThrow(GeneratorStateError);
  });
});
