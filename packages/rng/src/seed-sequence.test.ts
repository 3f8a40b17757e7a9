// Pools, states, children and worker seeds against vectors made by NumPy and PyTorch.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeedEmptyError, SeedOutOfRangeError } from './errors.ts';
import { GoldenFile } from './golden-entries.ts';
import { SeedSequence, seedWords, torchWorkerSeed } from './seed-sequence.ts';

interface Golden {
  seed_sequence: { entropy: string | string[] }[];
  spawn: { entropy: string; spawn_key: number[] }[];
  torch_generate_state: { base_seed: string; worker_id: number }[];
}
const golden = GoldenFile.open<Golden>('seed_sequence', ['entropy', 'spawn_key', 'base_seed', 'worker_id']);

function entropyOf(entropy: string | string[]): bigint | bigint[] {
  return typeof entropy === 'string' ? BigInt(entropy) : entropy.map(BigInt);
}

describe('SeedSequence', () => {
  it.each(golden.content.seed_sequence.map(({ entropy }, i) => ({ entropy, i })))('of $entropy', ({ entropy, i }) => {
    const sequence = new SeedSequence(entropyOf(entropy));
    golden.compare(['seed_sequence', i, 'pool'], Array.from(sequence.pool));
    golden.compare(['seed_sequence', i, 'state4'], Array.from(sequence.generateState(4)));
    golden.compare(['seed_sequence', i, 'state8'], Array.from(sequence.generateState(8)));
    golden.compare(['seed_sequence', i, 'state2_u64'], Array.from(sequence.generateState64(2), String));
  });

  it.each(golden.content.spawn.map((child, i) => ({ ...child, i })))(
    'of $entropy with spawn key $spawn_key',
    ({ entropy, spawn_key, i }) => {
      const child = new SeedSequence(BigInt(entropy), { spawnKey: spawn_key });
      golden.compare(['spawn', i, 'state4'], Array.from(child.generateState(4)));
    },
  );

  it('spawns the golden children, in one call or in several', () => {
    const once = new SeedSequence(42).spawn(3);
    const parent = new SeedSequence(42);
    const severally = [...parent.spawn(1), ...parent.spawn(2)];
    for (const children of [once, severally]) {
      children.forEach((child, i) => golden.compare(['spawn', i, 'state4'], Array.from(child.generateState(4))));
    }
  });

  it('spawns on from a saved state as its parent does, grandchildren too', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.bigInt(0n, 1n << 200n), fc.array(fc.nat(0xffffffff), { minLength: 1, maxLength: 6 })),
        fc.nat(3),
        (entropy, before) => {
          const parent = new SeedSequence(entropy);
          parent.spawn(before);
          const restored = SeedSequence.fromState(JSON.parse(JSON.stringify(parent.getState())));
          const copy = parent.clone();
          const states = (sequence: SeedSequence) =>
            sequence.spawn(2).flatMap((child) => [child, ...child.spawn(2)].map((each) => each.generateState(4)));
          const expected = states(parent);
          expect(states(restored)).toEqual(expected);
          expect(states(copy)).toEqual(expected);
          expect(parent.getState().childrenSpawned).toBe(before + 2);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('refuses negative, inexact and missing entropy, and negative counts', () => {
    for (const entropy of [-1, 0.5, 2 ** 53, -1n, [1, -1]]) {
      expect(() => new SeedSequence(entropy)).toThrow(SeedOutOfRangeError);
    }
    expect(() => new SeedSequence([])).toThrow(SeedEmptyError);
    expect(() => new SeedSequence(1, { spawnKey: [-1] })).toThrow('spawnKey');
    expect(() => new SeedSequence(1, { childrenSpawned: -1 })).toThrow('childrenSpawned');
    expect(() => new SeedSequence(1).generateState(-1)).toThrow(SeedOutOfRangeError);
    expect(() => new SeedSequence(1).generateState64(0.5)).toThrow(SeedOutOfRangeError);
    expect(() => new SeedSequence(1).spawn(-1)).toThrow(SeedOutOfRangeError);
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
});

describe('torchWorkerSeed', () => {
  it.each(golden.content.torch_generate_state.map((row, i) => ({ ...row, i })))(
    'of base seed $base_seed, worker $worker_id',
    ({ base_seed, worker_id, i }) => {
      const words = Array.from(torchWorkerSeed(BigInt(base_seed), worker_id));
      golden.compare(['torch_generate_state', i, 'state'], words);
    },
  );

  it('refuses a base seed or worker that torch cannot have', () => {
    expect(() => torchWorkerSeed(-1n, 0)).toThrow('baseSeed');
    expect(() => torchWorkerSeed(1n << 64n, 0)).toThrow(SeedOutOfRangeError);
    expect(() => torchWorkerSeed(0n, -1)).toThrow('workerId');
  });
});

it('compares every entry of seed_sequence.json', () => {
  expect(golden.uncompared).toEqual([]);
  expect(golden.entries).toBe(15 * 4 + 3 + 45);
});
