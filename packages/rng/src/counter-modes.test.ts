// The streams of the counter-based seeding modes: seeded by SeedSequence as in NumPy, and by Threefry keys as in JAX.
import { describe, expect, it } from 'vitest';
import { DrawRangeError, ParameterOutOfRangeError, SeedOutOfRangeError } from './errors.ts';
import { GoldenFile } from './golden-entries.ts';
import * as jax from './jax-random.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import { seedWords } from './seed-sequence.ts';
import { threefry2x32 } from './threefry.ts';

interface Golden {
  cases: { seed: number; per_sample: unknown[][]; fixed_per_sample: unknown[]; per_batch: unknown[][] }[];
  jax: { seed: number }[];
}
const golden = GoldenFile.open<Golden>('counter_modes', ['seed']);

function draws(...words: number[]): number[] {
  const stream = new NumpyRandomState(seedWords(words));
  return [stream.randint(0, 9), stream.randint(0, 9), stream.randint(0, 2), stream.randint(0, 2 ** 32)];
}

describe.each(golden.content.cases.map((modes, index) => ({ ...modes, index })))(
  'counter modes of seed $seed',
  ({ seed, per_sample, fixed_per_sample, per_batch, index }) => {
    it('per_sample', () => {
      const drawn = per_sample.map((epoch, e) => epoch.map((_, i) => draws(seed, e, i)));
      golden.compare(['cases', index, 'per_sample'], drawn);
    });
    it('fixed_per_sample', () => {
      golden.compare(
        ['cases', index, 'fixed_per_sample'],
        fixed_per_sample.map((_, i) => draws(seed, i)),
      );
    });
    it('per_batch', () => {
      const drawn = per_batch.map((epoch, e) => epoch.map((_, b) => draws(seed, e, b, 1)));
      golden.compare(['cases', index, 'per_batch'], drawn);
    });
  },
);

/** What each JAX entry is of PRNGKey(seed); numbers are drawn from that key folded with 3, then 17. */
const jaxEntries: Record<string, (key: jax.JaxKey, folded: jax.JaxKey) => unknown> = {
  key: (key) => key,
  fold_in_3: (key) => jax.foldIn(key, 3),
  fold_in_3_17: (_, folded) => folded,
  split3: (key) => jax.split(key, 3),
  bits4: (_, folded) => Array.from(jax.bits(folded, 4)),
  bits5: (_, folded) => Array.from(jax.bits(folded, 5)),
  uniform3: (_, folded) => Array.from(jax.uniform(folded, 3)),
  randint_0_9_x6: (_, folded) => Array.from(jax.randint(folded, 6, 0, 9)),
  bernoulli4: (_, folded) => Array.from(jax.bernoulli(folded, 4), (value) => value === 1),
};

describe.each(golden.content.jax.map(({ seed }, index) => ({ seed, index })))('JAX key of $seed', ({ seed, index }) => {
  const key = jax.prngKey(seed);
  const folded = jax.foldIn(jax.foldIn(key, 3), 17);
  it.each(Object.entries(jaxEntries))('%s', (name, entry) => {
    golden.compare(['jax', index, name], entry(key, folded));
  });
});

it('compares every entry of counter_modes.json', () => {
  expect(golden.uncompared).toEqual([]);
  expect(golden.entries).toBe(3 * (3 * 8 + 8 + 2 * 3) + 5 * (8 + 3));
});

describe('threefry2x32', () => {
  it.each([
    { key: [0, 0], counter: [0, 0], words: [0x6b200159, 0x99ba4efe] },
    { key: [0xffffffff, 0xffffffff], counter: [0xffffffff, 0xffffffff], words: [0x1cb996fc, 0xbb002be7] },
    { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], words: [0xc4923a9c, 0x483df7a0] },
  ])('gives the known answer of Random123 for counter $counter', ({ key, counter, words }) => {
    expect(Array.from(threefry2x32(key, counter[0], counter[1], new Uint32Array(2)))).toEqual(words);
  });
});

describe('JAX draws', () => {
  const key = jax.prngKey(5);

  it('stay in their range', () => {
    for (const [low, high] of [
      [-(2 ** 31), 2 ** 31 - 1],
      [-3, -2],
      [0, 65537],
    ]) {
      const drawn = jax.randint(key, 500, low, high);
      expect(drawn.every((value) => value >= low && value < high)).toBe(true);
    }
    const uniform = jax.uniform(key, 500, { low: -0.1, high: 0.1 });
    expect(uniform.every((value) => value >= Math.fround(-0.1) && value < Math.fround(0.1))).toBe(true);
    expect(jax.bernoulli(key, 20, 0)).toEqual(new Uint8Array(20));
    expect(jax.bernoulli(key, 20, 1)).toEqual(new Uint8Array(20).fill(1));
  });

  it('of equal keys are equal, of different data different', () => {
    expect(jax.bits(jax.foldIn(key, 1), 8)).toEqual(jax.bits(jax.foldIn(jax.prngKey(5), 1), 8));
    expect(jax.bits(jax.foldIn(key, 1), 8)).not.toEqual(jax.bits(jax.foldIn(key, 2), 8));
  });

  it('are refused outside what 32-bit JAX can be asked', () => {
    for (const word of [-1, 0.5, 2 ** 32]) {
      expect(() => jax.prngKey(word)).toThrow(SeedOutOfRangeError);
      expect(() => jax.foldIn(key, word)).toThrow('data');
    }
    expect(() => jax.randint(key, 1, 3, 3)).toThrow(DrawRangeError);
    expect(() => jax.randint(key, 1, 0, 2 ** 31)).toThrow(DrawRangeError);
    expect(() => jax.bits(key, -1)).toThrow(ParameterOutOfRangeError);
    expect(() => jax.split(key, 0.5)).toThrow(ParameterOutOfRangeError);
    expect(() => jax.bernoulli(key, 1, 1.5)).toThrow('probability is 1.5');
  });
});
