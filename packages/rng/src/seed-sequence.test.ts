// Pools, states, children and worker seeds against vectors made by NumPy and PyTorch.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeedEmptyError, SeedOutOfRangeError } from './errors.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import { SeedSequence, seedWords, torchWorkerSeed } from './seed-sequence.ts';

interface Golden {
  seed_sequence: {
    entropy: string | string[];
    pool: number[];
    state4: number[];
    state8: number[];
    state2_u64: string[];
  }[];
  spawn: { entropy: string; spawn_key: number[]; state4: number[] }[];
  torch_generate_state: { base_seed: string; worker_id: number; state: number[] }[];
}
interface CounterModes {
  cases: { seed: number; per_sample: number[][][]; fixed_per_sample: number[][]; per_batch: number[][][] }[];
}
function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as T;
}
const golden = read<Golden>('seed_sequence');
const counterModes = read<CounterModes>('counter_modes');

function entropyOf(entropy: string | string[]): bigint | bigint[] {
  return typeof entropy === 'string' ? BigInt(entropy) : entropy.map(BigInt);
}

describe('SeedSequence', () => {
  it.each(golden.seed_sequence)('of $entropy', ({ entropy, pool, state4, state8, state2_u64 }) => {
    const sequence = new SeedSequence(entropyOf(entropy));
    expect(Array.from(sequence.pool)).toEqual(pool);
    expect(Array.from(sequence.generateState(4))).toEqual(state4);
    expect(Array.from(sequence.generateState(8))).toEqual(state8);
    expect(Array.from(sequence.generateState64(2), String)).toEqual(state2_u64);
  });

  it.each(golden.spawn)('of $entropy with spawn key $spawn_key', ({ entropy, spawn_key, state4 }) => {
    const child = new SeedSequence(BigInt(entropy), { spawnKey: spawn_key });
    expect(Array.from(child.generateState(4))).toEqual(state4);
  });

  it('spawns the golden children, in one call or in several', () => {
    const states = golden.spawn.map(({ state4 }) => state4);
    const once = new SeedSequence(42).spawn(3);
    const parent = new SeedSequence(42);
    const severally = [...parent.spawn(1), ...parent.spawn(2)];
    expect(once.map((child) => Array.from(child.generateState(4)))).toEqual(states);
    expect(severally.map((child) => Array.from(child.generateState(4)))).toEqual(states);
  });

  it('refuses negative, inexact and missing entropy', () => {
    for (const entropy of [-1, 0.5, 2 ** 53, -1n, [1, -1]]) {
      expect(() => new SeedSequence(entropy)).toThrow(SeedOutOfRangeError);
    }
    expect(() => new SeedSequence([])).toThrow(SeedEmptyError);
    expect(() => new SeedSequence(1, { spawnKey: [-1] })).toThrow('spawnKey');
  });
});

describe('seedWords', () => {
  it('is generate_state(4) of the same words', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffffffff), { minLength: 1, maxLength: 8 }), (words) => {
        expect(seedWords(words)).toEqual(new SeedSequence(words).generateState(4));
      }),
    );
  });

  it.each(counterModes.cases)('seeds the golden counter modes of seed $seed', (modes) => {
    const { seed } = modes;
    const draws = (...words: number[]) => {
      const stream = new NumpyRandomState(seedWords(words));
      return [stream.randint(0, 9), stream.randint(0, 9), stream.randint(0, 2), stream.randint(0, 2 ** 32)];
    };
    modes.per_sample.forEach((epoch, e) => epoch.forEach((expected, i) => expect(draws(seed, e, i)).toEqual(expected)));
    modes.fixed_per_sample.forEach((expected, i) => expect(draws(seed, i)).toEqual(expected));
    modes.per_batch.forEach((epoch, e) =>
      epoch.forEach((expected, b) => expect(draws(seed, e, b, 1)).toEqual(expected)),
    );
  });
});

describe('torchWorkerSeed', () => {
  it.each(golden.torch_generate_state)(
    'of base seed $base_seed, worker $worker_id',
    ({ base_seed, worker_id, state }) => {
      expect(Array.from(torchWorkerSeed(BigInt(base_seed), worker_id))).toEqual(state);
    },
  );

  it('refuses a base seed or worker that torch cannot have', () => {
    expect(() => torchWorkerSeed(-1n, 0)).toThrow('baseSeed');
    expect(() => torchWorkerSeed(1n << 64n, 0)).toThrow(SeedOutOfRangeError);
    expect(() => torchWorkerSeed(0n, -1)).toThrow('workerId');
  });
});
