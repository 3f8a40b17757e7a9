// Every draw against vectors made by torch.Generator on the CPU, then releases, kept normals and refusals.
import { describe, expect, it } from 'vitest';
import { DrawRangeError, GeneratorStateError, ParameterOutOfRangeError, SeedOutOfRangeError } from './errors.ts';
import { GoldenFile } from './golden-entries.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import { TorchGenerator } from './torch-generator.ts';

const golden = GoldenFile.open<{ cases: { seed: string }[] }>('torch_cpu', ['seed']);

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

/** Entries that pass through torch's log, sin and cos, which depend on the processor. */
const normals: Record<string, (generator: TorchGenerator) => number[]> = {
  randn_f32_5: (g) => Array.from(g.fillRandn(new Float32Array(5))),
  randn_f64_5: (g) => Array.from(g.fillRandn(new Float64Array(5))),
  randn_f32_16: (g) => Array.from(g.fillRandn(new Float32Array(16))),
  randn_f32_20: (g) => Array.from(g.fillRandn(new Float32Array(20))),
};

describe.each(golden.content.cases.map(({ seed }, index) => ({ seed, index })))(
  'torch.Generator seeded with $seed',
  ({ seed, index }) => {
    const generator = () => new TorchGenerator(BigInt(seed));

    it.each(Object.entries(draws))('%s', (key, draw) => {
      golden.compare(['cases', index, key], draw(generator()));
    });

    it.each(Object.entries(normals))('%s', (key, draw) => {
      golden.compare(['cases', index, key], draw(generator()), { absolute: 1e-6 });
    });
  },
);

it('compares every entry of torch_cpu.json', () => {
  expect(golden.uncompared).toEqual([]);
  expect(golden.entries).toBe(9 * (21 + 2));
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

  it('seeds in place by the low 32 bits, and forgets the kept normal', () => {
    const generator = new TorchGenerator(1);
    generator.randn();
    generator.seed((1n << 32n) + 42n);
    expect(generator.getState()).toEqual(new TorchGenerator(42).getState());
    expect(generator.wordsDrawn).toBe(0);
  });

  it('keeps every second normal below 16 values, over calls and other draws, and none from 16 on', () => {
    const [pairs, single] = [new TorchGenerator(3), new TorchGenerator(3)];
    const five = Array.from(pairs.fillRandn(new Float32Array(5)));
    expect(times(5, () => single.randn())).toEqual(five);
    expect(single.wordsDrawn).toBe(12);
    pairs.fillRandn(new Float32Array(20));
    expect(pairs.wordsDrawn).toBe(12 + 36);
    single.skip(36);
    pairs.fillRandn(new Float64Array(16));
    expect(pairs.wordsDrawn).toBe(12 + 36 + 32);
    single.skip(32);
    expect(pairs.randn()).toBe(single.randn());
    expect(pairs.wordsDrawn).toBe(single.wordsDrawn);
  });

  it('draws float64 normals from 16 on as Box and Muller say', () => {
    const [normals, uniforms] = [new TorchGenerator(8), new TorchGenerator(8)];
    const u = times(16, () => uniforms.randDouble());
    const drawn = normals.fillRandn(new Float64Array(16));
    for (let i = 0; i < 8; i++) {
      expect(drawn[i] ** 2 + drawn[i + 8] ** 2).toBeCloseTo(-2 * Math.log(1 - u[i]), 12);
      expect(Math.atan2(drawn[i + 8], drawn[i])).toBeCloseTo(
        Math.atan2(Math.sin(2 * Math.PI * u[i + 8]), Math.cos(2 * Math.PI * u[i + 8])),
        12,
      );
    }
  });

  it('fills, peeks and draws the same words', () => {
    const generator = new TorchGenerator(12);
    const [ahead, filled] = [new Uint32Array(650), new Uint32Array(650)];
    generator.peek(ahead);
    generator.clone().fill(filled);
    expect(filled).toEqual(ahead);
    expect(times(650, () => generator.nextUint32())).toEqual(Array.from(ahead));
  });

  it('restores states that were saved before normals were kept', () => {
    const { key, position } = new TorchGenerator(4).getState();
    expect(TorchGenerator.fromState({ key, position }).randn()).toBe(new TorchGenerator(4).randn());
  });

  it('refuses seeds, ranges and parameters that torch refuses', () => {
    for (const seed of [-1, 0.5, 2 ** 60, 1n << 64n]) {
      expect(() => new TorchGenerator(seed)).toThrow(SeedOutOfRangeError);
    }
    const generator = new TorchGenerator(0);
    expect(() => generator.randint(2, 2)).toThrow(DrawRangeError);
    expect(() => generator.randint(0, 2 ** 54)).toThrow(DrawRangeError);
    expect(() => generator.randperm(-1)).toThrow(DrawRangeError);
    for (const probability of [-0.1, 1.1, Number.NaN]) {
      expect(() => generator.bernoulli(probability)).toThrow(ParameterOutOfRangeError);
    }
    expect(() => generator.uniform(1, 0)).toThrow(ParameterOutOfRangeError);
    expect(() => generator.fillUniform(new Float32Array(1), -3e38, 3e38)).toThrow('uniform: high − low');
    expect(generator.wordsDrawn).toBe(0);
    const malformed = { ...generator.getState(), normal: 'x' as unknown as number };
    expect(() => TorchGenerator.fromState(malformed)).toThrow(GeneratorStateError);
  });
});
