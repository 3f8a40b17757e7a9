// Every draw against vectors made by torch.Generator on the CPU, then saving and refusals.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DrawRangeError, SeedOutOfRangeError } from './errors.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import { TorchGenerator } from './torch-generator.ts';

type Golden = { seed: string } & Record<string, unknown>;
const { cases } = JSON.parse(readFileSync(new URL('../golden/torch_cpu.json', import.meta.url), 'utf8')) as {
  cases: Golden[];
};

function times<T>(n: number, draw: () => T): T[] {
  return Array.from({ length: n }, draw);
}

/** What each golden entry asks of a freshly seeded generator. */
const draws: Record<string, (generator: TorchGenerator) => unknown> = {
  u31_via_int32_random_x8: (g) => times(8, () => g.random31()),
  random_int64_x4: (g) => times(4, () => String(g.random63())),
  base_seed_scalar: (g) => String(g.random63()),
  rand_f32_x6: (g) => times(6, () => g.rand()),
  rand_f32_1_x3calls: (g) => times(3, () => g.rand()),
  rand_f64_x4: (g) => times(4, () => g.randDouble()),
  'uniform_-8_8over255_f32_x20': (g) => Array.from(g.fillUniform(new Float32Array(20), -8 / 255, 8 / 255)),
  randint_0_9_x8: (g) => times(8, () => g.randint(0, 9)),
  randint_0_9_scalar_x6: (g) => times(6, () => g.randint(0, 9)),
  randint_0_2p31_x3: (g) => times(3, () => String(g.randint(0, 2 ** 31))),
  randint_0_2p33_x3: (g) => times(3, () => String(g.randint(0, 2 ** 33))),
  randperm_1: (g) => Array.from(g.randperm(1)),
  randperm_2: (g) => Array.from(g.randperm(2)),
  randperm_5: (g) => Array.from(g.randperm(5)),
  randperm_16: (g) => Array.from(g.randperm(16)),
  randperm_37: (g) => Array.from(g.randperm(37)),
  two_randperm_7: (g) => times(2, () => Array.from(g.randperm(7))),
  'bernoulli_0.5_x8': (g) => times(8, () => Number(g.bernoulli(0.5))),
};

describe.each(cases)('torch.Generator seeded with $seed', (golden) => {
  const generator = () => new TorchGenerator(BigInt(golden.seed));

  it('has a draw for every golden entry', () => {
    const entries = Object.keys(golden).filter((key) => key !== 'seed');
    expect(Object.keys(draws).sort()).toEqual(entries.sort());
  });

  it.each(Object.entries(draws))('%s', (key, draw) => {
    expect(draw(generator())).toEqual(golden[key]);
  });
});

describe('TorchGenerator', () => {
  it('shares its words with NumPy seeded by the same int', () => {
    const [torch, numpy] = [new TorchGenerator(2021), new NumpyRandomState(2021)];
    expect(times(1300, () => torch.nextUint32())).toEqual(times(1300, () => numpy.nextUint32()));
  });

  it('took one word per randint up to 2^32 in release 1.13', () => {
    const [old, words] = [new TorchGenerator(5), new TorchGenerator(5)];
    const drawn = times(4, () => old.randint(0, 2 ** 31, { release: '1.13' }));
    expect(drawn).toEqual(times(4, () => words.nextUint32() % 2 ** 31));
    expect(old.randint(10, 10 + 2 ** 32, { release: '1.13' })).toBe(10 + Number(words.random64() & 0xffffffffn));
  });

  it('goes on from a saved state at any point, through JSON', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(1300), (seed, words) => {
        const generator = new TorchGenerator(seed);
        generator.skip(words);
        const restored = TorchGenerator.fromState(JSON.parse(JSON.stringify(generator.getState())));
        expect(restored.randperm(50)).toEqual(generator.randperm(50));
        expect(restored.random64()).toBe(generator.random64());
      }),
      { numRuns: 30 },
    );
  });

  it('refuses seeds and ranges that torch refuses', () => {
    for (const seed of [-1, 0.5, 2 ** 60, 1n << 64n])
      expect(() => new TorchGenerator(seed)).toThrow(SeedOutOfRangeError);
    const generator = new TorchGenerator(0);
    expect(() => generator.randint(2, 2)).toThrow(DrawRangeError);
    expect(() => generator.randint(0, 2 ** 54)).toThrow(DrawRangeError);
    expect(() => generator.randperm(-1)).toThrow(DrawRangeError);
  });
});
