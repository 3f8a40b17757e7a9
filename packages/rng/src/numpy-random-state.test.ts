// Every draw against vectors made by NumPy itself, then saving, seeding in place and refusals.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DrawRangeError, GeneratorStateError, SeedEmptyError, SeedOutOfRangeError } from './errors.ts';
import { NumpyRandomState } from './numpy-random-state.ts';

type GoldenSeed = number | number[] | { range: number };
type Golden = { seed: GoldenSeed } & Record<string, unknown>;
const { cases } = JSON.parse(readFileSync(new URL('../golden/numpy_legacy.json', import.meta.url), 'utf8')) as {
  cases: Golden[];
};

function seedOf(seed: GoldenSeed): number | number[] {
  return typeof seed === 'object' && 'range' in seed ? Array.from({ length: seed.range }, (_, i) => i) : seed;
}

function times<T>(n: number, draw: () => T): T[] {
  return Array.from({ length: n }, draw);
}

const { MAX_SAFE_INTEGER } = Number;

/** What each golden entry asks of a freshly seeded stream. */
const draws: Record<string, (stream: NumpyRandomState) => unknown> = {
  key_head: (s) => s.getState().key.slice(0, 4),
  key_tail: (s) => s.getState().key.slice(-2),
  pos: (s) => s.getState().position,
  u32_first10: (s) => times(10, () => s.nextUint32()),
  u32_620_630: (s) => times(630, () => s.nextUint32()).slice(620),
  u32_1245_1252: (s) => times(1252, () => s.nextUint32()).slice(1245),
  key0_after_first_draw: (s) => {
    s.nextUint32();
    return s.getState().key[0];
  },
  random_sample6: (s) => times(6, () => s.randomSample()),
  'uniform_-2_3_x4': (s) => times(4, () => s.uniform(-2, 3)),
  uniform_scalar_0_1_then_5_9: (s) => [s.uniform(0, 1), s.uniform(5, 9)],
  randint_0_10_x12: (s) => times(12, () => s.randint(0, 10)),
  randint_0_9_scalar_x12: (s) => times(12, () => s.randint(0, 9)),
  randint_1_10000_x6: (s) => times(6, () => s.randint(1, 10000)),
  randint_5: (s) => times(6, () => s.randint(0, 5)),
  'randint_-7_8_x8': (s) => times(8, () => s.randint(-7, 8)),
  randint_rng0_then_random: (s) => [s.randint(3, 4), s.randomSample()],
  randint_0_2p32_x5: (s) => times(5, () => String(s.randint(0, 2 ** 32))),
  randint_0_2p32p1_x5: (s) => times(5, () => String(s.randint(0, 2 ** 32 + 1))),
  randint_0_2p40_x5: (s) => times(5, () => String(s.randint(0, 2 ** 40))),
  randint_0_2p63m1_x4: (s) => times(4, () => String(s.randintBig(0n, (1n << 63n) - 1n))),
  choice_5_x8: (s) => times(8, () => s.choice(5)),
  choice_scalar_TF_x8: (s) => times(8, () => [true, false][s.choice(2)]),
  choice_10_4_noreplace: (s) => Array.from(s.permutation(10).subarray(0, 4)),
  permutation_10: (s) => Array.from(s.permutation(10)),
  permutation_33: (s) => Array.from(s.permutation(33)),
  shuffle_list7: (s) => s.shuffle('abcdefg'.split('')).join(''),
};

/** Entries that pass through the C library's log: at most one unit in the last place apart. */
const throughLog: Record<string, (stream: NumpyRandomState) => number[]> = {
  standard_normal5: (s) => times(5, () => s.standardNormal()),
  normal_2_3_x3_then_uniform: (s) => [...times(3, () => 2 + 3 * s.standardNormal()), s.randomSample()],
};

describe.each(cases.map((golden) => ({ name: JSON.stringify(golden.seed), golden })))(
  'RandomState($name)',
  ({ golden }) => {
    const stream = () => new NumpyRandomState(seedOf(golden.seed));

    it('has a draw for every golden entry', () => {
      expect(Object.keys({ ...draws, ...throughLog }).sort()).toEqual(
        Object.keys(golden)
          .filter((key) => key !== 'seed')
          .sort(),
      );
    });

    it.each(Object.entries(draws))('%s', (key, draw) => {
      expect(draw(stream())).toEqual(golden[key]);
    });

    it.each(Object.entries(throughLog))('%s', (key, draw) => {
      const expected = golden[key] as number[];
      draw(stream()).forEach((value, i) => {
        expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(4.5e-16 * Math.abs(expected[i]));
      });
    });
  },
);

describe('NumpyRandomState', () => {
  it('seeds in place as the constructor does, and forgets the kept normal', () => {
    const stream = new NumpyRandomState([1, 2]);
    stream.standardNormal();
    stream.seed(42);
    expect(stream.getState()).toEqual(new NumpyRandomState(42).getState());
    expect(stream.wordsDrawn).toBe(0);
  });

  it('goes on from a saved state at any point, through JSON', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.nat(1500), fc.boolean(), (seed, words, normal) => {
        const stream = new NumpyRandomState(seed);
        for (let i = 0; i < words; i++) stream.nextUint32();
        if (normal) stream.standardNormal();
        const restored = NumpyRandomState.fromState(JSON.parse(JSON.stringify(stream.getState())));
        expect(times(5, () => restored.standardNormal())).toEqual(times(5, () => stream.standardNormal()));
        expect(times(700, () => restored.nextUint32())).toEqual(times(700, () => stream.nextUint32()));
      }),
      { numRuns: 30 },
    );
  });

  it('peeks at the words to come without consuming them, across block borders too', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(1300), fc.nat(900), (seed, words, count) => {
        const stream = new NumpyRandomState(seed);
        for (let i = 0; i < words; i++) stream.nextUint32();
        const ahead = new Uint32Array(count);
        stream.peek(ahead);
        expect(stream.wordsDrawn).toBe(words);
        expect(times(count, () => stream.nextUint32())).toEqual(Array.from(ahead));
      }),
      {
        numRuns: 200,
        examples: [0, 1, 620, 621, 624].flatMap((words) =>
          [4, 227, 228].map((n) => [1, words, n] as [number, number, number]),
        ),
      },
    );
  });

  it('agrees with randintBig wherever both apply', () => {
    const highs = [1, 2, 3, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, MAX_SAFE_INTEGER];
    for (const high of highs) {
      const [narrow, wide] = [new NumpyRandomState(7), new NumpyRandomState(7)];
      const drawn = times(20, () => narrow.randint(0, high));
      expect(drawn.map(BigInt)).toEqual(times(20, () => wide.randintBig(0n, BigInt(high))));
      expect(narrow.wordsDrawn).toBe(wide.wordsDrawn);
    }
  });

  it('refuses what NumPy refuses', () => {
    for (const seed of [-1, 0.5, 2 ** 32, Number.NaN]) {
      expect(() => new NumpyRandomState(seed)).toThrow(SeedOutOfRangeError);
      expect(() => new NumpyRandomState([1, seed])).toThrow('seed[1]');
    }
    expect(() => new NumpyRandomState([])).toThrow(SeedEmptyError);
    const stream = new NumpyRandomState(0);
    expect(() => stream.randint(3, 3)).toThrow(DrawRangeError);
    expect(() => stream.randint(0, 1.5)).toThrow(DrawRangeError);
    expect(() => stream.randint(0, MAX_SAFE_INTEGER + 1)).toThrow(DrawRangeError);
    expect(() => stream.randintBig(1n, 1n)).toThrow(DrawRangeError);
    expect(() => stream.permutation(-1)).toThrow(DrawRangeError);
    expect(stream.wordsDrawn).toBe(0);
    const state = stream.getState();
    expect(() => NumpyRandomState.fromState({ ...state, position: 625 })).toThrow(GeneratorStateError);
    expect(() => NumpyRandomState.fromState({ ...state, key: state.key.slice(1) })).toThrow(GeneratorStateError);
    expect(() => NumpyRandomState.fromState({ ...state, key: state.key.with(3, -1) })).toThrow(GeneratorStateError);
  });
});
