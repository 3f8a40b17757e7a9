// Python's random.Random bit for bit (Lib/random.py and Modules/_randommodule.c of CPython 3.11), seeded by an integer.
import { DrawRangeError, GeneratorStateError, SampleTooLargeError, SeedOutOfRangeError } from './errors.ts';
import { Mt19937, type Mt19937State } from './mt19937.ts';
import { drawNormalRatio, drawPythonBeta, drawPythonGamma } from './python-distributions.ts';
import { WordStream } from './word-stream.ts';

const TWO32 = 4294967296;
const { MAX_SAFE_INTEGER } = Number;
const LOG4 = Math.log(4);

/** Plain JSON; `gauss` is `gauss_next`, the normal value kept for the next call, null when there is none. */
export interface PythonState extends Mt19937State {
  readonly gauss: number | null;
}

/** The little-endian words of |seed|: random.seed forgets the sign. */
function seedKey(seed: number | bigint): number[] {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw new SeedOutOfRangeError('seed', seed, MAX_SAFE_INTEGER);
  }
  const integer = BigInt(seed);
  const words: number[] = [];
  for (let left = integer < 0n ? -integer : integer; left > 0n; left >>= 32n) words.push(Number(left & 0xffffffffn));
  return words.length > 0 ? words : [0];
}

/** ⌈log₂(n + 1)⌉ for a whole number n up to 2^53: Python's int.bit_length. */
function bitLength(n: number): number {
  return n < TWO32 ? 32 - Math.clz32(n) : 64 - Math.clz32(Math.floor(n / TWO32));
}

/** `random.Random(seed)`. */
export class PythonRandom extends WordStream {
  #gauss: number | null = null;

  /** @param seed any integer; its sign is ignored. @throws SeedOutOfRangeError for a number that is no exact integer. */
  constructor(seed: number | bigint) {
    super(new Mt19937(seedKey(seed)));
  }

  /** `seed(seed)`: starts again in place. Throws like the constructor. */
  seed(seed: number | bigint): void {
    this.engine.seed(seedKey(seed));
    this.#gauss = null;
  }

  /** `random()`: a double in [0, 1) with 53 random bits. Two words. */
  random(): number {
    return this.engine.nextDouble();
  }

  /** `uniform(low, high)`: low + (high − low)·random(); the bounds may be in either order. Two words. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /**
   * `getrandbits(bits)`: a whole number of so many bits. One word up to 32 (none for 0), two above.
   * @throws DrawRangeError unless bits is a whole number 0…53; `getrandbitsBig` takes any.
   */
  getrandbits(bits: number): number {
    if (!(bits >= 0 && bits <= 53 && Number.isInteger(bits))) throw new DrawRangeError('getrandbits', 0, bits, 53);
    if (bits === 0) return 0;
    if (bits <= 32) return this.engine.nextUint32() >>> (32 - bits);
    const low = this.engine.nextUint32();
    return (this.engine.nextUint32() >>> (64 - bits)) * TWO32 + low;
  }

  /** `getrandbits(bits)` of any size: low words first, the last one shifted. @throws DrawRangeError for negative bits. */
  getrandbitsBig(bits: number): bigint {
    if (!(bits >= 0 && Number.isSafeInteger(bits))) throw new DrawRangeError('getrandbits', 0, bits, MAX_SAFE_INTEGER);
    let value = 0n;
    for (let done = 0; done < bits; done += 32) {
      const word = this.engine.nextUint32() >>> Math.max(0, 32 - (bits - done));
      value |= BigInt(word) << BigInt(done);
    }
    return value;
  }

  /**
   * `randrange(start, stop, step)`: a value of start, start + step, … before stop. Draws bit_length(n) bits until they
   * are below the count n, so a range of one value may take several words.
   * @throws DrawRangeError for a range without a value, a step of 0, or bounds that are not exact integers.
   */
  randrange(start: number, stop: number, step = 1): number {
    const count = step === 1 ? stop - start : Math.ceil((stop - start) / step);
    const exact = Number.isSafeInteger(start) && Number.isSafeInteger(stop) && Number.isSafeInteger(step);
    if (!(exact && count > 0 && Number.isSafeInteger(stop - start) && step !== 0)) {
      throw new DrawRangeError('randrange', start, stop, MAX_SAFE_INTEGER);
    }
    return start + step * this.#below(count);
  }

  /** `randrange(start, stop)` for integers of any size. @throws DrawRangeError for an empty range. */
  randrangeBig(start: bigint, stop: bigint): bigint {
    const count = stop - start;
    if (count <= 0n) throw new DrawRangeError('randrange', start, stop, 'any number of');
    const bits = count.toString(2).length;
    let value: bigint;
    do value = this.getrandbitsBig(bits);
    while (value >= count);
    return start + value;
  }

  /** `randint(low, high)`, high included. @throws DrawRangeError as `randrange`. */
  randint(low: number, high: number): number {
    return this.randrange(low, high + 1);
  }

  /** `choice(values)`. @throws DrawRangeError when there are none (Python: IndexError). */
  choice<T>(values: readonly T[] | (Iterable<T> & ArrayLike<T>)): T {
    if (values.length === 0) throw new DrawRangeError('choice', 0, 0, MAX_SAFE_INTEGER);
    return values[this.#below(values.length)];
  }

  /** `shuffle(values)`, in place: i = n−1…1 swaps with an index below i + 1. */
  shuffle<T extends unknown[] | Int32Array>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.#below(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }

  /**
   * `sample(values, size)`: different places of the list, in random order. Python keeps a pool of what is left, or, when
   * the list is long, a set of what was taken; the two draw differently.
   * @throws SampleTooLargeError when size is negative or larger than the list.
   */
  sample<T>(values: readonly T[], size: number): T[] {
    const n = values.length;
    if (!(size >= 0 && size <= n && Number.isInteger(size))) throw new SampleTooLargeError('sample', size, n);
    const setSize = 21 + (size > 5 ? 4 ** Math.ceil(Math.log(size * 3) / LOG4) : 0);
    return n <= setSize ? this.#sampleFromPool(values, size) : this.#sampleWithSet(values, size);
  }

  /** `gauss(mean, deviation)`: Box & Muller 1958 with a kept second value. Last bits as Math.log, cos and sin have them. */
  gauss(mean = 0, deviation = 1): number {
    let z = this.#gauss;
    this.#gauss = null;
    if (z === null) {
      const theta = this.random() * 2 * Math.PI;
      const radius = Math.sqrt(-2 * Math.log(1 - this.random()));
      z = Math.cos(theta) * radius;
      this.#gauss = Math.sin(theta) * radius;
    }
    return mean + z * deviation;
  }

  /** `normalvariate(mean, deviation)`: keeps nothing. */
  normalvariate(mean = 0, deviation = 1): number {
    return mean + drawNormalRatio(this) * deviation;
  }

  /** `gammavariate(alpha, beta)`, beta = the scale. @throws ParameterOutOfRangeError unless both are above 0. */
  gammavariate(alpha: number, beta: number): number {
    return drawPythonGamma(this, alpha, beta);
  }

  /** `betavariate(alpha, beta)` in [0, 1]. @throws ParameterOutOfRangeError unless both are above 0. */
  betavariate(alpha: number, beta: number): number {
    return drawPythonBeta(this, alpha, beta);
  }

  /** The whole state as plain JSON, at any point of the stream. */
  getState(): PythonState {
    return { ...this.engine.getState(), gauss: this.#gauss };
  }

  /** The stream that goes on exactly where `getState` was called. @throws GeneratorStateError for a malformed state. */
  static fromState(state: PythonState): PythonRandom {
    if (state.gauss !== null && typeof state.gauss !== 'number') {
      throw new GeneratorStateError('gauss', state.gauss, 'a number or null');
    }
    const stream = new PythonRandom(0);
    stream.engine = Mt19937.fromState(state);
    stream.#gauss = state.gauss;
    return stream;
  }

  /** An independent stream at the same place. */
  clone(): PythonRandom {
    const copy = new PythonRandom(0);
    copy.engine = this.engine.clone();
    copy.#gauss = this.#gauss;
    return copy;
  }

  /** `_randbelow(n)`, n ≥ 1. */
  #below(n: number): number {
    const bits = bitLength(n);
    let value: number;
    do value = this.getrandbits(bits);
    while (value >= n);
    return value;
  }

  #sampleFromPool<T>(values: readonly T[], size: number): T[] {
    const pool = [...values];
    return Array.from({ length: size }, (_, i) => {
      const j = this.#below(pool.length - i);
      const taken = pool[j];
      pool[j] = pool[pool.length - i - 1];
      return taken;
    });
  }

  #sampleWithSet<T>(values: readonly T[], size: number): T[] {
    const taken = new Set<number>();
    while (taken.size < size) taken.add(this.#below(values.length));
    return Array.from(taken, (index) => values[index]);
  }
}
