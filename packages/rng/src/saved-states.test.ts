// Every generator, saved through JSON or cloned after any mix of draws, goes on exactly as the one it came from.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mt19937 } from './mt19937.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import { PythonRandom } from './python-random.ts';
import { TorchGenerator } from './torch-generator.ts';

interface Generator<G> {
  nextUint32(): number;
  getState(): unknown;
  clone(): G;
}
interface Kind<G extends Generator<G>> {
  name: string;
  open: (seed: number) => G;
  restore: (state: never) => G;
  draws: readonly ((generator: G) => unknown)[];
}

function words<G extends { fill(out: Uint32Array): void }>(count: number): (generator: G) => Uint32Array {
  return (generator) => {
    const out = new Uint32Array(count);
    generator.fill(out);
    return out;
  };
}

const mt19937: Kind<Mt19937> = {
  name: 'Mt19937',
  open: (seed) => new Mt19937(seed),
  restore: (state) => Mt19937.fromState(state),
  draws: [(e) => e.nextUint32(), (e) => e.skip(300), words(7), words(700)],
};

const numpy: Kind<NumpyRandomState> = {
  name: 'NumpyRandomState',
  open: (seed) => new NumpyRandomState(seed),
  restore: (state) => NumpyRandomState.fromState(state),
  draws: [
    (s) => s.nextUint32(),
    (s) => s.randomSample(),
    (s) => s.uniform(-1, 2),
    (s) => s.randint(0, 9),
    (s) => s.randintBig(0n, 1n << 50n),
    (s) => s.randintArray(0, 200, { size: 5, dtype: 'uint8' }),
    (s) => s.bytes(5),
    (s) => s.tomaxint(),
    (s) => s.choices(5, 3, [0.1, 0.2, 0.3, 0.2, 0.2]),
    (s) => s.choiceDistinct(6, 2),
    (s) => s.permutation(300),
    (s) => s.standardNormal(),
    (s) => s.normal(1, 2),
    (s) => s.exponential(),
    (s) => s.gamma(0.4),
    (s) => s.gamma(3),
    (s) => s.beta(0.3, 0.3),
    (s) => s.beta(2, 5),
    (s) => s.binomial(9, 0.3),
    words(400),
  ],
};

const torch: Kind<TorchGenerator> = {
  name: 'TorchGenerator',
  open: (seed) => new TorchGenerator(seed),
  restore: (state) => TorchGenerator.fromState(state),
  draws: [
    (g) => g.nextUint32(),
    (g) => g.random64(),
    (g) => g.random63(),
    (g) => g.random31(),
    (g) => g.rand(),
    (g) => g.randDouble(),
    (g) => g.uniform(-1, 2),
    (g) => g.fillUniform(new Float32Array(9), 0, 1),
    (g) => g.randint(0, 9),
    (g) => g.randint(0, 2 ** 40),
    (g) => g.randperm(300),
    (g) => g.bernoulli(0.5),
    (g) => g.randn(),
    (g) => g.fillRandn(new Float64Array(3)),
    (g) => g.fillRandn(new Float32Array(20)),
    words(400),
  ],
};

const python: Kind<PythonRandom> = {
  name: 'PythonRandom',
  open: (seed) => new PythonRandom(seed),
  restore: (state) => PythonRandom.fromState(state),
  draws: [
    (r) => r.nextUint32(),
    (r) => r.random(),
    (r) => r.uniform(-1, 2),
    (r) => r.getrandbits(5),
    (r) => r.getrandbitsBig(100),
    (r) => r.randrange(0, 1000, 7),
    (r) => r.randint(1, 6),
    (r) => r.choice('abc'),
    (r) => r.shuffle(Array.from({ length: 300 }, (_, i) => i)),
    (r) => r.sample([1, 2, 3, 4], 2),
    (r) => r.gauss(),
    (r) => r.normalvariate(),
    (r) => r.gammavariate(2.5, 1),
    (r) => r.betavariate(0.4, 1),
    words(400),
  ],
};

function goesOnExactly<G extends Generator<G>>({ open, restore, draws }: Kind<G>): void {
  const places = (maxLength: number) => fc.array(fc.nat(draws.length - 1), { maxLength });
  const seeds = fc.nat(0xffffffff);
  fc.assert(
    fc.property(seeds, places(25), places(12), places(5), (seed, before, after, apart) => {
      const run = (generator: G, chosen: readonly number[]) => chosen.map((place) => draws[place](generator));
      const [original, uninterrupted] = [open(seed), open(seed)];
      expect(run(original, before)).toEqual(run(uninterrupted, before));
      const saved = JSON.stringify(original.getState());
      const copy = original.clone();
      // What the copy draws must move neither the original nor the saved state.
      run(copy, apart);
      const restored = restore(JSON.parse(saved) as never);
      const expected = run(uninterrupted, after);
      expect(run(original, after)).toEqual(expected);
      expect(run(restored, after)).toEqual(expected);
      expect(restored.getState()).toEqual(original.getState());
      const late = restore(JSON.parse(saved) as never).clone();
      expect(run(late, after)).toEqual(expected);
      expect(late.nextUint32()).toBe(uninterrupted.nextUint32());
    }),
    { numRuns: 60 },
  );
}

describe('a saved or cloned generator goes on exactly', () => {
  it(mt19937.name, () => goesOnExactly(mt19937));
  it(numpy.name, () => goesOnExactly(numpy));
  it(torch.name, () => goesOnExactly(torch));
  it(python.name, () => goesOnExactly(python));
});
