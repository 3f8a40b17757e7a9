// PyTorch's CPU generator bit for bit (aten/src/ATen/core/DistributionsHelper.h, native/TensorFactories.cpp randperm).
import { DrawRangeError, SeedOutOfRangeError } from './errors.ts';
import { Mt19937, type Mt19937State } from './mt19937.ts';

const FLOAT32_STEP = 2 ** -24;
const UINT64_MAX = (1n << 64n) - 1n;

/** From this many values on, randint takes 64-bit words: PyTorch lowered it between 1.13 and 2.13. */
export const RANDINT_WIDE_FROM = { '1.13': 2 ** 32, '2.13': 2 ** 28 } as const;

/** A PyTorch release whose randint is emulated. */
export type TorchRelease = keyof typeof RANDINT_WIDE_FROM;

/** `torch.Generator().manual_seed(seed)` on the CPU. */
export class TorchGenerator {
  #engine: Mt19937;

  /** @param seed 0…2^64−1; like torch, only its low 32 bits count. @throws SeedOutOfRangeError outside. */
  constructor(seed: number | bigint) {
    const exact = typeof seed === 'bigint' || Number.isSafeInteger(seed);
    if (!exact || seed < 0 || seed > UINT64_MAX) throw new SeedOutOfRangeError('seed', seed, UINT64_MAX);
    this.#engine = new Mt19937(Number(BigInt(seed) & 0xffffffffn));
  }

  /** The next raw 32-bit word. */
  nextUint32(): number {
    return this.#engine.nextUint32();
  }

  /** A 64-bit word: the first 32-bit word is the high half. */
  random64(): bigint {
    const high = BigInt(this.nextUint32());
    return (high << 32n) | BigInt(this.nextUint32());
  }

  /** `torch.empty((), dtype=torch.int64).random_()`: 63 bits, as the DataLoader draws its base seed. */
  random63(): bigint {
    return this.random64() & 0x7fffffffffffffffn;
  }

  /** `torch.empty((), dtype=torch.int32).random_()`: 31 bits. */
  random31(): number {
    return this.nextUint32() & 0x7fffffff;
  }

  /** `torch.rand` in float32: [0, 1) in steps of 2^−24. One word. */
  rand(): number {
    return (this.nextUint32() & 0xffffff) * FLOAT32_STEP;
  }

  /** `torch.rand` in float64: [0, 1) in steps of 2^−53. Two words. */
  randDouble(): number {
    const high = this.nextUint32() & 0x1fffff;
    return (high * 4294967296 + this.nextUint32()) * 2 ** -53;
  }

  /**
   * `tensor.uniform_(low, high)` on a float32 tensor, in C order; returns `out`. The bounds are rounded to float32
   * first, the value is computed in double and rounded once.
   */
  fillUniform(out: Float32Array, low: number, high: number): Float32Array {
    const start = Math.fround(low);
    const width = Math.fround(high) - start;
    for (let i = 0; i < out.length; i++) out[i] = this.rand() * width + start;
    return out;
  }

  /**
   * `torch.randint(low, high)`: a word modulo the range (so very slightly uneven, like torch).
   * @throws DrawRangeError unless low < high are safe integers at most 2^53−1 apart.
   */
  randint(low: number, high: number, { release = '2.13' }: { release?: TorchRelease } = {}): number {
    const range = high - low;
    if (!(range >= 1 && Number.isSafeInteger(range) && Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
      throw new DrawRangeError('randint', low, high, Number.MAX_SAFE_INTEGER);
    }
    if (range < RANDINT_WIDE_FROM[release]) return low + (this.nextUint32() % range);
    return low + Number(this.random64() % BigInt(range));
  }

  /** `torch.randperm(n)`: n − 1 words. @throws DrawRangeError unless n is a whole number 0…2^31−1. */
  randperm(n: number): Int32Array {
    if (!(n >= 0 && n <= 0x7fffffff && Number.isInteger(n))) throw new DrawRangeError('randperm', 0, n, 0x7fffffff);
    const order = new Int32Array(n);
    for (let i = 1; i < n; i++) order[i] = i;
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.nextUint32() % (n - i));
      const kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }

  /** `torch.bernoulli` of a float32 probability. One word. */
  bernoulli(probability: number): boolean {
    return this.rand() < Math.fround(probability);
  }

  /** Consumes `words` 32-bit words unseen. */
  skip(words: number): void {
    this.#engine.skip(words);
  }

  /** The whole state as plain JSON, at any point of the stream. */
  getState(): Mt19937State {
    return this.#engine.getState();
  }

  /** The generator that goes on exactly where `getState` was called. @throws GeneratorStateError when malformed. */
  static fromState(state: Mt19937State): TorchGenerator {
    const generator = new TorchGenerator(0);
    generator.#engine = Mt19937.fromState(state);
    return generator;
  }
}
