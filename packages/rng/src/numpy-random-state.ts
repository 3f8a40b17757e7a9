// NumPy's legacy RandomState bit for bit (numpy/random/mtrand.pyx, _legacy/legacy-distributions.c), as on Linux (int64 randint).
import { drawBeta } from './beta.ts';
import { drawBinomial } from './binomial.ts';
import { checkNotNegative } from './check-not-negative.ts';
import type { WordDrawStream } from './draw-stream.ts';
import {
  DrawRangeError,
  GeneratorStateError,
  ParameterOutOfRangeError,
  SampleTooLargeError,
  SeedEmptyError,
  SeedOutOfRangeError,
} from './errors.ts';
import { drawStandardExponential } from './exponential.ts';
import { drawStandardGamma } from './gamma.ts';
import { drawBigInterval, drawInterval, drawUint64, drawWideInterval } from './masked-interval.ts';
import { Mt19937, type Mt19937Seed, type Mt19937State } from './mt19937.ts';
import { type IntegerArrays, type IntegerType, randintArray } from './typed-randint.ts';
import { chooseWeighted, chooseWeightedDistinct } from './weighted-choice.ts';
import { WordStream } from './word-stream.ts';

const UINT32_MAX = 0xffffffff;

/** Plain JSON; `gauss` is the normal value kept for the next call, null when there is none. */
export interface NumpyState extends Mt19937State {
  readonly gauss: number | null;
}

function checked(seed: Mt19937Seed): Mt19937Seed {
  if (typeof seed === 'number') {
    if (seed >>> 0 !== seed) throw new SeedOutOfRangeError('seed', seed, UINT32_MAX);
    return seed;
  }
  if (seed.length === 0) throw new SeedEmptyError('seed');
  // A Uint32Array cannot hold anything else, and counter modes seed once per sample.
  if (seed instanceof Uint32Array) return seed;
  const bad = seed.findIndex((word) => word >>> 0 !== word);
  if (bad >= 0) throw new SeedOutOfRangeError(`seed[${bad}]`, seed[bad], UINT32_MAX);
  return seed;
}

function checkSize(method: string, size: number): void {
  if (!(size >= 0 && size <= 0x7fffffff && Number.isInteger(size))) {
    throw new ParameterOutOfRangeError(method, 'size', size, 'a whole number from 0 to 2147483647');
  }
}

/**
 * `np.random.RandomState(seed)`. An int seeds by init_genrand, a list of words by init_by_array, one of a single word
 * too (NumPy takes an ndarray of one element for an int, but not a list). Array forms draw what repeated scalar forms
 * draw, unless stated.
 */
export class NumpyRandomState extends WordStream implements WordDrawStream {
  #gauss: number | null = null;

  /** @throws SeedOutOfRangeError for a word outside 0…2^32−1, SeedEmptyError for an empty list. */
  constructor(seed: Mt19937Seed) {
    super(new Mt19937(checked(seed)));
  }

  /** `RandomState.seed`: starts again in place. Throws like the constructor. */
  seed(seed: Mt19937Seed): void {
    this.engine.seed(checked(seed));
    this.#gauss = null;
  }

  /** `random_sample()`: a double in [0, 1) with 53 random bits. Two words. */
  randomSample(): number {
    return this.engine.nextDouble();
  }

  /**
   * `uniform(low, high)`: low + (high − low)·random_sample(). Two words.
   * @throws ParameterOutOfRangeError when high − low is not finite (NumPy: OverflowError).
   */
  uniform(low: number, high: number): number {
    const width = high - low;
    if (!Number.isFinite(width)) throw new ParameterOutOfRangeError('uniform', 'high − low', width, 'finite');
    return low + width * this.randomSample();
  }

  /** `uniform(low, high, out.length)`; returns `out`, rounded when it holds float32. Throws like `uniform`. */
  fillUniform<T extends Float64Array | Float32Array>(out: T, low = 0, high = 1): T {
    for (let i = 0; i < out.length; i++) out[i] = this.uniform(low, high);
    return out;
  }

  /**
   * `randint(low, high)` with the default dtype int64: masked rejection, one word per try for a range up to 2^32, two
   * above it, and no word at all for a range of one value.
   * @throws DrawRangeError unless low < high are safe integers at most 2^53−1 apart; `randintBig` has no such limit.
   */
  randint(low: number, high: number): number {
    const range = high - 1 - low;
    if (!(range >= 0 && range < Number.MAX_SAFE_INTEGER && Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
      throw new DrawRangeError('randint', low, high, Number.MAX_SAFE_INTEGER);
    }
    const engine = this.engine;
    return range <= UINT32_MAX ? low + drawInterval(engine, range) : low + drawWideInterval(engine, range);
  }

  /** `randint(low, high)` for the whole of int64. @throws DrawRangeError unless 1 to 2^64 values. */
  randintBig(low: bigint, high: bigint): bigint {
    const range = high - 1n - low;
    if (range < 0n || range >= 1n << 64n) throw new DrawRangeError('randintBig', low, high, 1n << 64n);
    return low + drawBigInterval(this.engine, range);
  }

  /**
   * `randint(low, high, size, dtype)` in an array of that dtype. Of 8 and 16-bit dtypes and bool, several values come
   * from one word, and the rest of the last word is thrown away: the scalar form is `size` 1, not a part of this one.
   * @throws DtypeBoundsError when dtype cannot hold a bound; DrawRangeError unless low < high are whole numbers;
   * ParameterOutOfRangeError for a negative size.
   */
  randintArray<T extends IntegerType>(
    low: number | bigint,
    high: number | bigint,
    { size, dtype }: { readonly size: number; readonly dtype: T },
  ): IntegerArrays[T] {
    checkSize('randint', size);
    return randintArray(this.engine, low, high, { size, dtype });
  }

  /** `tomaxint()`: 63 bits. Two words. */
  tomaxint(): bigint {
    return drawUint64(this.engine) >> 1n;
  }

  /** `bytes(length)`: little-endian words cut to length; `bytes(0)` uses up one word too, as in NumPy. */
  bytes(length: number): Uint8Array {
    checkSize('bytes', length);
    const out = new Uint8Array(Math.max(4, Math.ceil(length / 4) * 4));
    const view = new DataView(out.buffer);
    for (let i = 0; i < out.length; i += 4) view.setUint32(i, this.engine.nextUint32(), true);
    return out.subarray(0, length);
  }

  /** `choice(n)`: randint(0, n). */
  choice(n: number): number {
    return this.randint(0, n);
  }

  /**
   * `choice(n, size, p=p)`: indices 0…n−1 that may repeat; n below 2^31.
   * @throws DrawRangeError for an n without a value; ParameterOutOfRangeError unless p holds n probabilities of sum 1.
   */
  choices(n: number, size: number, p?: readonly number[]): Int32Array {
    checkSize('choice', size);
    if (n > 0x7fffffff) throw new DrawRangeError('choice', 0, n, 0x7fffffff);
    if (p !== undefined) return chooseWeighted(this, n, size, p);
    return Int32Array.from({ length: size }, () => this.randint(0, n));
  }

  /**
   * `choice(n, size, replace=False, p=p)`: different indices 0…n−1; without p, the start of a whole permutation(n).
   * @throws SampleTooLargeError when there are fewer than `size`, and like `choices`.
   */
  choiceDistinct(n: number, size: number, p?: readonly number[]): Int32Array {
    checkSize('choice', size);
    if (size > n) throw new SampleTooLargeError('choiceDistinct', size, n);
    return p === undefined ? this.permutation(n).slice(0, size) : chooseWeightedDistinct(this, n, size, p);
  }

  /** `shuffle(values)`, in place: i = n−1…1 swaps with an index in [0, i]. */
  shuffle<T extends unknown[] | Int32Array>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = drawInterval(this.engine, i);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }

  /** `permutation(n)`: 0…n−1 shuffled. @throws DrawRangeError unless n is a whole number 0…2^31−1. */
  permutation(n: number): Int32Array {
    if (!(n >= 0 && n <= 0x7fffffff && Number.isInteger(n))) throw new DrawRangeError('permutation', 0, n, 0x7fffffff);
    const order = new Int32Array(n);
    for (let i = 1; i < n; i++) order[i] = i;
    return this.shuffle(order);
  }

  /**
   * `standard_normal()`: the legacy polar method (Marsaglia & Bray 1964), which makes two values and keeps one. Uses
   * Math.log, so the last bit may differ from glibc (at most 2.2e-16 relative).
   */
  standardNormal(): number {
    if (this.#gauss !== null) {
      const kept = this.#gauss;
      this.#gauss = null;
      return kept;
    }
    let x1: number;
    let x2: number;
    let squared: number;
    do {
      x1 = 2 * this.randomSample() - 1;
      x2 = 2 * this.randomSample() - 1;
      squared = x1 * x1 + x2 * x2;
    } while (squared >= 1 || squared === 0);
    const factor = Math.sqrt((-2 * Math.log(squared)) / squared);
    this.#gauss = factor * x1;
    return factor * x2;
  }

  /** `standard_normal(out.length)`; returns `out`, rounded when it holds float32. */
  fillStandardNormal<T extends Float64Array | Float32Array>(out: T): T {
    for (let i = 0; i < out.length; i++) out[i] = this.standardNormal();
    return out;
  }

  /** `normal(mean, deviation)`. @throws ParameterOutOfRangeError for a negative deviation, −0 included. */
  normal(mean: number, deviation: number): number {
    checkNotNegative('normal', 'deviation', deviation);
    return mean + deviation * this.standardNormal();
  }

  /** `exponential(scale)`, scale = the mean. Two words. @throws ParameterOutOfRangeError for a negative scale. */
  exponential(scale = 1): number {
    checkNotNegative('exponential', 'scale', scale);
    return scale * drawStandardExponential(this);
  }

  /** `gamma(shape, scale)`. @throws ParameterOutOfRangeError for a negative shape or scale. */
  gamma(shape: number, scale = 1): number {
    checkNotNegative('gamma', 'scale', scale);
    return scale * drawStandardGamma(this, shape);
  }

  /** `beta(a, b)` in [0, 1]; beta(1, 1) exact to the bit. @throws ParameterOutOfRangeError unless a and b are above 0. */
  beta(a: number, b: number): number {
    return drawBeta(this, a, b);
  }

  /** `binomial(n, p)`. @throws ParameterOutOfRangeError for impossible n or p, and above n·min(p, 1 − p) = 30. */
  binomial(n: number, p: number): number {
    return drawBinomial(this, n, p);
  }

  /** The whole state as plain JSON, at any point of the stream. */
  getState(): NumpyState {
    return { ...this.engine.getState(), gauss: this.#gauss };
  }

  /** The stream that goes on exactly where `getState` was called. @throws GeneratorStateError for a malformed state. */
  static fromState(state: NumpyState): NumpyRandomState {
    if (state.gauss !== null && typeof state.gauss !== 'number') {
      throw new GeneratorStateError('gauss', state.gauss, 'a number or null');
    }
    const stream = new NumpyRandomState(0);
    stream.engine = Mt19937.fromState(state);
    stream.#gauss = state.gauss;
    return stream;
  }

  /** An independent stream at the same place. */
  clone(): NumpyRandomState {
    const copy = new NumpyRandomState(0);
    copy.engine = this.engine.clone();
    copy.#gauss = this.#gauss;
    return copy;
  }
}
