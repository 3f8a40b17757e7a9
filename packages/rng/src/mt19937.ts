// The Mersenne Twister MT19937 with both of its seedings (Matsumoto & Nishimura 1998; mt19937ar.c).
import { GeneratorStateError } from './errors.ts';

const SIZE = 624;
const SHIFT = 397;
// Signed 32-bit forms, which V8 holds as small integers.
const UPPER = 0x80000000 | 0;
const LOWER = 0x7fffffff;
const MATRIX = 0x9908b0df | 0;

/** A seed: one 32-bit word (init_genrand), or a list of them (init_by_array). */
export type Mt19937Seed = number | readonly number[] | Uint32Array;

/** The 624 words of the engine, and how many of them were handed out; plain JSON. */
export interface Mt19937State {
  readonly key: readonly number[];
  readonly position: number;
}

function initGenrand(state: Int32Array, seed: number): void {
  let word = seed | 0;
  state[0] = word;
  for (let i = 1; i < SIZE; i++) {
    word = (Math.imul(word ^ (word >>> 30), 1812433253) + i) | 0;
    state[i] = word;
  }
}

const arraySeedStart = new Int32Array(SIZE);
initGenrand(arraySeedStart, 19650218);

function initByArray(state: Int32Array, key: readonly number[] | Uint32Array): void {
  state.set(arraySeedStart);
  const length = key.length;
  let previous = state[0];
  let i = 1;
  let j = 0;
  for (let k = Math.max(SIZE, length); k > 0; k--) {
    previous = ((state[i] ^ Math.imul(previous ^ (previous >>> 30), 1664525)) + key[j] + j) | 0;
    state[i] = previous;
    if (++i === SIZE) {
      state[0] = previous;
      i = 1;
    }
    if (++j === length) j = 0;
  }
  for (let k = SIZE - 1; k > 0; k--) {
    previous = ((state[i] ^ Math.imul(previous ^ (previous >>> 30), 1566083941)) - i) | 0;
    state[i] = previous;
    if (++i === SIZE) {
      state[0] = previous;
      i = 1;
    }
  }
  state[0] = UPPER;
}

function twist(high: number, low: number): number {
  const y = (high & UPPER) | (low & LOWER);
  return (y >>> 1) ^ (-(y & 1) & MATRIX);
}

function temper(word: number): number {
  let y = word ^ (word >>> 11);
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return (y ^ (y >>> 18)) >>> 0;
}

/** The engine behind NumPy's RandomState and torch's CPU generator: a stream of 32-bit words. */
export class Mt19937 {
  /** Signed, so that V8 keeps the words in integer registers. */
  readonly #state = new Int32Array(SIZE);
  #position = SIZE;
  /** wordsDrawn − position; moves by 624 with each new block. */
  #offset = -SIZE;

  /** @param seed a word 0…2^32−1 (init_genrand), or words (init_by_array). Not checked: callers name their own field. */
  constructor(seed: Mt19937Seed) {
    this.seed(seed);
  }

  /** Starts again from a seed, in place. */
  seed(seed: Mt19937Seed): void {
    if (typeof seed === 'number') initGenrand(this.#state, seed);
    else initByArray(this.#state, seed);
    this.#position = SIZE;
    this.#offset = -SIZE;
  }

  /** Words handed out since the seeding, or since the state was restored. */
  get wordsDrawn(): number {
    return this.#offset + this.#position;
  }

  /** The next word, 0…2^32−1. */
  nextUint32(): number {
    if (this.#position === SIZE) this.#regenerate();
    return temper(this.#state[this.#position++]);
  }

  /** A double in [0, 1) with 53 random bits, of two words (mt19937ar.c: genrand_res53). */
  nextDouble(): number {
    const a = this.nextUint32() >>> 5;
    const b = this.nextUint32() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }

  /** Fills `out` with the next words, in stream order. */
  fill(out: Uint32Array): void {
    const state = this.#state;
    for (let done = 0; done < out.length; ) {
      if (this.#position === SIZE) this.#regenerate();
      const start = this.#position - done;
      const end = Math.min(out.length, done + SIZE - this.#position);
      for (let i = done; i < end; i++) out[i] = temper(state[start + i]);
      this.#position += end - done;
      done = end;
    }
  }

  /** Fills `out` with the words that come next, without consuming them. */
  peek(out: Uint32Array): void {
    const state = this.#state;
    const start = this.#position;
    if (start + out.length > 2 * SIZE - SHIFT) {
      this.clone().fill(out);
      return;
    }
    for (let i = 0; i < out.length; i++) {
      const ahead = start + i - SIZE;
      // The first 227 words of the next block depend on this block alone.
      const word = ahead < 0 ? state[start + i] : state[ahead + SHIFT] ^ twist(state[ahead], state[ahead + 1]);
      out[i] = temper(word);
    }
  }

  /** Consumes `words` words unseen. */
  skip(words: number): void {
    let left = words;
    while (left > SIZE - this.#position) {
      left -= SIZE - this.#position;
      this.#regenerate();
    }
    this.#position += left;
  }

  /** An independent engine at the same place of the same stream. */
  clone(): Mt19937 {
    const copy = new Mt19937(0);
    copy.#state.set(this.#state);
    copy.#position = this.#position;
    copy.#offset = this.#offset;
    return copy;
  }

  /** The state, as `RandomState.get_state()` shows it. */
  getState(): Mt19937State {
    return { key: Array.from(this.#state, (word) => word >>> 0), position: this.#position };
  }

  /** @throws GeneratorStateError when the state has not 624 32-bit words or a position outside 0…624. */
  static fromState({ key, position }: Mt19937State): Mt19937 {
    if (key.length !== SIZE) throw new GeneratorStateError('key.length', key.length, `${SIZE}`);
    const bad = key.find((word) => word >>> 0 !== word);
    if (bad !== undefined) throw new GeneratorStateError('a word of key', bad, 'a whole number from 0 to 4294967295');
    if (!Number.isInteger(position) || position < 0 || position > SIZE) {
      throw new GeneratorStateError('position', position, `a whole number from 0 to ${SIZE}`);
    }
    const engine = new Mt19937(0);
    engine.#state.set(key);
    engine.#position = position;
    engine.#offset = -position;
    return engine;
  }

  #regenerate(): void {
    const state = this.#state;
    let i = 0;
    for (; i < SIZE - SHIFT; i++) state[i] = state[i + SHIFT] ^ twist(state[i], state[i + 1]);
    for (; i < SIZE - 1; i++) state[i] = state[i + SHIFT - SIZE] ^ twist(state[i], state[i + 1]);
    state[SIZE - 1] = state[SHIFT - 1] ^ twist(state[SIZE - 1], state[0]);
    this.#position = 0;
    this.#offset += SIZE;
  }
}
