// Every draw against vectors made by NumPy itself from freshly seeded states, then seeding in place and agreement.
import { describe, expect, it } from 'vitest';
import { GoldenFile } from './golden-entries.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import type { IntegerType } from './typed-randint.ts';

type GoldenSeed = number | number[] | { range: number };
const golden = GoldenFile.open<{ cases: { seed: GoldenSeed }[] }>('numpy_legacy', ['seed']);

function seedOf(seed: GoldenSeed): number | number[] {
  return typeof seed === 'object' && 'range' in seed ? Array.from({ length: seed.range }, (_, i) => i) : seed;
}

function times<T>(n: number, draw: () => T): T[] {
  return Array.from({ length: n }, draw);
}

function typed(dtype: IntegerType, high: number, size: number): (stream: NumpyRandomState) => unknown {
  return (s) => Array.from(s.randintArray(0, high, { size, dtype }) as ArrayLike<unknown>);
}

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
  'uniform_-2_3_x4': (s) => Array.from(s.fillUniform(new Float64Array(4), -2, 3)),
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
  randint_u8_0_200_x11: typed('uint8', 200, 11),
  randint_u16_0_50000_x7: typed('uint16', 50000, 7),
  randint_i32_0_1000_x7: typed('int32', 1000, 7),
  randint_bool_x40: typed('bool', 2, 40),
  randint_bool_scalar_x6: (s) => times(6, () => s.randintArray(0, 2, { size: 1, dtype: 'bool' })[0]),
  bytes7: (s) => Array.from(s.bytes(7)),
  choice_5_x8: (s) => Array.from(s.choices(5, 8)),
  choice_scalar_TF_x8: (s) => times(8, () => [true, false][s.choice(2)]),
  choice_10_4_noreplace: (s) => Array.from(s.choiceDistinct(10, 4)),
  choice_p: (s) => Array.from(s.choices(4, 8, [0.1, 0.2, 0.3, 0.4])),
  permutation_10: (s) => Array.from(s.permutation(10)),
  permutation_33: (s) => Array.from(s.permutation(33)),
  shuffle_list7: (s) => s.shuffle('abcdefg'.split('')).join(''),
  random_integers_via_tomaxint3: (s) => times(3, () => String(s.tomaxint())),
  beta_1_1_x4: (s) => times(4, () => s.beta(1, 1)),
  'binomial_1_0.5_x8': (s) => times(8, () => s.binomial(1, 0.5)),
};

/** Entries that pass through the C library's log and pow: about one unit in the last place apart. */
const throughLog: Record<string, (stream: NumpyRandomState) => number[]> = {
  standard_normal5: (s) => Array.from(s.fillStandardNormal(new Float64Array(5))),
  normal_2_3_x3_then_uniform: (s) => [...times(3, () => s.normal(2, 3)), s.randomSample()],
  'beta_0.2_x4': (s) => times(4, () => s.beta(0.2, 0.2)),
  'beta_0.3_x4': (s) => times(4, () => s.beta(0.3, 0.3)),
  'beta_1.4_x4': (s) => times(4, () => s.beta(1.4, 1.4)),
  beta_2_5_x3: (s) => times(3, () => s.beta(2, 5)),
  standard_exponential3: (s) => times(3, () => s.exponential()),
  'standard_gamma_0.5_x3': (s) => times(3, () => s.gamma(0.5)),
  standard_gamma_2_x3: (s) => times(3, () => s.gamma(2)),
};

describe.each(golden.content.cases.map(({ seed }, index) => ({ name: JSON.stringify(seed), seed, index })))(
  'RandomState($name)',
  ({ seed, index }) => {
    const stream = () => new NumpyRandomState(seedOf(seed));

    it.each(Object.entries(draws))('%s', (key, draw) => {
      golden.compare(['cases', index, key], draw(stream()));
    });

    it.each(Object.entries(throughLog))('%s', (key, draw) => {
      golden.compare(['cases', index, key], draw(stream()), { relative: 2.3e-16 });
    });
  },
);

it('compares every entry of numpy_legacy.json', () => {
  expect(golden.uncompared).toEqual([]);
  expect(golden.entries).toBe(13 * 45);
});

describe('NumpyRandomState', () => {
  it('seeds in place as the constructor does, and forgets the kept normal', () => {
    const stream = new NumpyRandomState([1, 2]);
    stream.standardNormal();
    stream.seed(42);
    expect(stream.getState()).toEqual(new NumpyRandomState(42).getState());
    expect(stream.wordsDrawn).toBe(0);
  });

  it('agrees with randintBig and with int64 arrays wherever they apply', () => {
    const highs = [1, 2, 3, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, Number.MAX_SAFE_INTEGER];
    for (const high of highs) {
      const [narrow, wide, array] = [new NumpyRandomState(7), new NumpyRandomState(7), new NumpyRandomState(7)];
      const drawn = times(20, () => narrow.randint(0, high));
      expect(drawn.map(BigInt)).toEqual(times(20, () => wide.randintBig(0n, BigInt(high))));
      expect(drawn.map(BigInt)).toEqual(Array.from(array.randintArray(0, high, { size: 20, dtype: 'int64' })));
      expect(narrow.wordsDrawn).toBe(wide.wordsDrawn);
      expect(narrow.wordsDrawn).toBe(array.wordsDrawn);
    }
  });

  it('draws array forms as repeated scalar forms', () => {
    const [array, scalar] = [new NumpyRandomState(5), new NumpyRandomState(5)];
    expect(Array.from(array.fillUniform(new Float64Array(7)))).toEqual(times(7, () => scalar.randomSample()));
    expect(Array.from(array.fillStandardNormal(new Float64Array(7)))).toEqual(times(7, () => scalar.standardNormal()));
    expect(Array.from(array.choices(9, 7))).toEqual(times(7, () => scalar.choice(9)));
    const words = new Uint32Array(700);
    array.fill(words);
    expect(Array.from(words)).toEqual(times(700, () => scalar.nextUint32()));
    expect(array.getState()).toEqual(scalar.getState());
  });
});
