// PyTorch's CPU generator bit for bit (aten/src/ATen/core/DistributionsHelper.h, native/TensorFactories.cpp randperm).
import { DrawRangeError, GeneratorStateError, ParameterOutOfRangeError, SeedOutOfRangeError } from './errors.ts';
import { drawUint64 } from './masked-interval.ts';
import { Mt19937, type Mt19937State } from './mt19937.ts';
import { boxMullerPair, turnIntoNormals, VECTORISED_FROM } from './torch-normal.ts';
import { WordStream } from './word-stream.ts';

const FLOAT32_STEP = 2 ** -24;
const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;
const UINT64_MAX = (1n << 64n) - 1n;

/** From this many values on, randint takes 64-bit words: PyTorch lowered it between 1.13 and 2.13. */
export const RANDINT_WIDE_FROM = { '1.13': 2 ** 32, '2.13': 2 ** 28 } as const;

/** A PyTorch release whose randint is emulated. */
export type TorchRelease = keyof typeof RANDINT_WIDE_FROM;

/** Plain JSON; `normal` is the value that `randn` kept for the next call, null or missing when there is none. */
export interface TorchState extends Mt19937State {
  readonly normal?: number | null;
}

/** The word by which a seed of 64 bits seeds the engine. */
function lowWord(seed: number | bigint): number {
  const exact = typeof seed === 'bigint' || Number.isSafeInteger(seed);
  if (!exact || seed < 0 || seed > UINT64_MAX) throw new SeedOutOfRangeError('seed', seed, UINT64_MAX);
  return Number(BigInt(seed) & 0xffffffffn);
}

/** `torch.Generator().manual_seed(seed)` on the CPU. */
export class TorchGenerator extends WordStream {
  #normal: number | null = null;

  /** @param seed 0…2^64−1; like torch, only its low 32 bits count. @throws SeedOutOfRangeError outside. */
  constructor(seed: number | bigint) {
    super(new Mt19937(lowWord(seed)));
  }

  /** `manual_seed`: starts again in place. Throws like the constructor. */
  seed(seed: number | bigint): void {
    this.engine.seed(lowWord(seed));
    this.#normal = null;
  }

  /** A 64-bit word: the first 32-bit word is the high half. */
  random64(): bigint {
    return drawUint64(this.engine);
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

  /** `torch.empty(()).uniform_(low, high)` in float32. One word. Throws like `fillUniform`. */
  uniform(low: number, high: number): number {
    const start = Math.fround(low);
    const width = Math.fround(high) - start;
    if (!(width >= 0 && width <= FLOAT32_MAX)) {
      throw new ParameterOutOfRangeError('uniform', 'high − low', width, `from 0 to ${FLOAT32_MAX}`);
    }
    return Math.fround(this.rand() * width + start);
  }

  /**
   * `tensor.uniform_(low, high)` on a float32 tensor, in C order; returns `out`. The bounds are rounded to float32
   * first, the value is computed in double and rounded once.
   * @throws ParameterOutOfRangeError when low > high, or when a float32 cannot hold their distance.
   */
  fillUniform(out: Float32Array, low: number, high: number): Float32Array {
    for (let i = 0; i < out.length; i++) out[i] = this.uniform(low, high);
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

  /**
   * `torch.bernoulli` of a float32 probability. One word.
   * @throws ParameterOutOfRangeError unless the probability is from 0 to 1.
   */
  bernoulli(probability: number): boolean {
    if (!(probability >= 0 && probability <= 1)) {
      throw new ParameterOutOfRangeError('bernoulli', 'probability', probability, 'from 0 to 1');
    }
    return this.rand() < Math.fround(probability);
  }

  /**
   * `torch.randn(out.length)` in the array's dtype; returns `out`. Below 16 values: pairs, four words each, of which
   * the second value is kept for the next call. From 16 on: float32 takes one word a value, float64 two, and 16 more
   * values are drawn when the length is no multiple of 16. Equal to torch within 1e-6 (its vectorised log, cos and sin
   * depend on the processor).
   */
  fillRandn<T extends Float32Array | Float64Array>(out: T): T {
    if (out.length >= VECTORISED_FROM) {
      const refill = (values: T): void => {
        const single = values instanceof Float32Array;
        for (let i = 0; i < values.length; i++) values[i] = single ? this.rand() : this.randDouble();
      };
      refill(out);
      return turnIntoNormals(out, refill);
    }
    for (let i = 0; i < out.length; i++) out[i] = this.#nextNormal();
    return out;
  }

  /** `torch.randn(())` in float32: `fillRandn` of one value. */
  randn(): number {
    return Math.fround(this.#nextNormal());
  }

  #nextNormal(): number {
    if (this.#normal !== null) {
      const kept = this.#normal;
      this.#normal = null;
      return kept;
    }
    const u1 = this.randDouble();
    const { first, second } = boxMullerPair(u1, this.randDouble());
    this.#normal = second;
    return first;
  }

  /** The whole state as plain JSON, at any point of the stream. */
  getState(): TorchState {
    return { ...this.engine.getState(), normal: this.#normal };
  }

  /** The generator that goes on exactly where `getState` was called. @throws GeneratorStateError when malformed. */
  static fromState(state: TorchState): TorchGenerator {
    const normal = state.normal ?? null;
    if (normal !== null && typeof normal !== 'number') {
      throw new GeneratorStateError('normal', normal, 'a number or null');
    }
    const generator = new TorchGenerator(0);
    generator.engine = Mt19937.fromState(state);
    generator.#normal = normal;
    return generator;
  }

  /** An independent generator at the same place. */
  clone(): TorchGenerator {
    const copy = new TorchGenerator(0);
    copy.engine = this.engine.clone();
    copy.#normal = this.#normal;
    return copy;
  }
}
