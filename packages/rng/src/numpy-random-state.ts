// NumPy's legacy RandomState bit for bit (numpy/random/mtrand.pyx, _legacy/legacy-distributions.c), as on Linux (int64 randint).
import type { DrawStream } from './draw-stream.ts';
import { DrawRangeError, SeedEmptyError, SeedOutOfRangeError } from './errors.ts';
import { Mt19937, type Mt19937Seed, type Mt19937State } from './mt19937.ts';

const UINT32_MAX = 0xffffffff;
const TWO32 = 4294967296;

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

/** `np.random.RandomState(seed)`. An int seeds by init_genrand, a list of words by init_by_array. */
export class NumpyRandomState implements DrawStream {
  #engine: Mt19937;
  #gauss: number | null = null;

  /** @throws SeedOutOfRangeError for a word outside 0…2^32−1, SeedEmptyError for an empty list. */
  constructor(seed: Mt19937Seed) {
    this.#engine = new Mt19937(checked(seed));
  }

  /** `RandomState.seed`: starts again in place. Throws like the constructor. */
  seed(seed: Mt19937Seed): void {
    this.#engine.seed(checked(seed));
    this.#gauss = null;
  }

  /** 32-bit words consumed since the seeding, or since the state was restored. */
  get wordsDrawn(): number {
    return this.#engine.wordsDrawn;
  }

  /** Fills `out` with the raw words that come next, without consuming them. */
  peek(out: Uint32Array): void {
    this.#engine.peek(out);
  }

  /** One raw word, 0…2^32−1. */
  nextUint32(): number {
    return this.#engine.nextUint32();
  }

  /** `random_sample()`: a double in [0, 1) with 53 random bits. Two words. */
  randomSample(): number {
    const a = this.#engine.nextUint32() >>> 5;
    const b = this.#engine.nextUint32() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }

  /** `uniform(low, high)`: low + (high − low)·random_sample(). Two words. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.randomSample();
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
    return range <= UINT32_MAX ? low + this.#interval(range) : low + this.#wideInterval(range);
  }

  /** `randint(low, high)` for the whole of int64. @throws DrawRangeError unless 1 to 2^64 values. */
  randintBig(low: bigint, high: bigint): bigint {
    const range = high - 1n - low;
    if (range < 0n || range >= 1n << 64n) throw new DrawRangeError('randintBig', low, high, 1n << 64n);
    if (range <= BigInt(UINT32_MAX)) return low + BigInt(this.#interval(Number(range)));
    const mask = (1n << BigInt(range.toString(2).length)) - 1n;
    for (;;) {
      const high32 = BigInt(this.nextUint32());
      const value = ((high32 << 32n) | BigInt(this.nextUint32())) & mask;
      if (value <= range) return low + value;
    }
  }

  /** `choice(n)`: randint(0, n). */
  choice(n: number): number {
    return this.randint(0, n);
  }

  /** `shuffle(values)`, in place: i = n−1…1 swaps with an index in [0, i]. */
  shuffle<T extends unknown[] | Int32Array>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.#interval(i);
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

  /** The whole state as plain JSON, at any point of the stream. */
  getState(): NumpyState {
    return { ...this.#engine.getState(), gauss: this.#gauss };
  }

  /** The stream that goes on exactly where `getState` was called. @throws GeneratorStateError for a malformed state. */
  static fromState(state: NumpyState): NumpyRandomState {
    const stream = new NumpyRandomState(0);
    stream.#engine = Mt19937.fromState(state);
    stream.#gauss = state.gauss;
    return stream;
  }

  /** Masked rejection in [0, max], max < 2^32 (numpy: random_interval, and bounded_uint64 below 2^32). */
  #interval(max: number): number {
    if (max === 0) return 0;
    const engine = this.#engine;
    const mask = UINT32_MAX >>> Math.clz32(max);
    let value: number;
    do value = (engine.nextUint32() & mask) >>> 0;
    while (value > max);
    return value;
  }

  /** The same above 2^32, with (first word << 32) | second word; max < 2^53. */
  #wideInterval(max: number): number {
    const mask = UINT32_MAX >>> Math.clz32(Math.floor(max / TWO32));
    let value: number;
    do value = ((this.nextUint32() & mask) >>> 0) * TWO32 + this.nextUint32();
    while (value > max);
    return value;
  }
}
