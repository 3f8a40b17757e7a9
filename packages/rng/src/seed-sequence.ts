// NumPy's SeedSequence (O'Neill's seed_seq_fe; numpy/random/bit_generator.pyx) and torch's copy of it, `_generate_state`.
import { SeedEmptyError, SeedOutOfRangeError } from './errors.ts';

const POOL_SIZE = 4;
// Signed 32-bit forms, which V8 holds as small integers.
const INIT_A = 0x43b0d7e5;
const MULT_A = 0x931e8875 | 0;
const INIT_B = 0x8b51f9dd | 0;
const MULT_B = 0x58f38ded;
const MIX_L = 0xca01f9dd | 0;
const MIX_R = 0x4973f715;
const UINT64_LIMIT = 1n << 64n;

/** One non-negative integer of any size, or a list of them. */
export type Entropy = number | bigint | readonly (number | bigint)[];

/** Every hash uses up one constant of its series: the caller steps it by the same multiplier. */
function hash(value: number, constant: number, multiplier: number): number {
  const product = Math.imul(value ^ constant, Math.imul(constant, multiplier));
  return product ^ (product >>> 16);
}

function mix(x: number, y: number): number {
  const difference = (Math.imul(x, MIX_L) - Math.imul(y, MIX_R)) | 0;
  return difference ^ (difference >>> 16);
}

/** Spreads the words over the pool of four; missing words count as zero. */
function fillPool(words: ArrayLike<number>, pool: Int32Array): void {
  let constant = INIT_A;
  for (let i = 0; i < POOL_SIZE; i++, constant = Math.imul(constant, MULT_A)) {
    pool[i] = hash(i < words.length ? words[i] : 0, constant, MULT_A);
  }
  for (let source = 0; source < POOL_SIZE; source++) {
    for (let target = 0; target < POOL_SIZE; target++) {
      if (source === target) continue;
      pool[target] = mix(pool[target], hash(pool[source], constant, MULT_A));
      constant = Math.imul(constant, MULT_A);
    }
  }
  for (let source = POOL_SIZE; source < words.length; source++) {
    for (let target = 0; target < POOL_SIZE; target++, constant = Math.imul(constant, MULT_A)) {
      pool[target] = mix(pool[target], hash(words[source], constant, MULT_A));
    }
  }
}

function generate(pool: Int32Array, out: Uint32Array): Uint32Array {
  let constant = INIT_B;
  for (let i = 0; i < out.length; i++, constant = Math.imul(constant, MULT_B)) {
    out[i] = hash(pool[i % POOL_SIZE], constant, MULT_B);
  }
  return out;
}

const scratchPool = new Int32Array(POOL_SIZE);

/**
 * SS(words…) = `SeedSequence(words).generate_state(4)`, without making an object: counter modes call it once per sample
 * (about 0.1 µs).
 * @param words whole numbers 0…2^32−1, not checked.
 * @param out filled and returned; its length says how many words.
 */
export function seedWords(words: ArrayLike<number>, out: Uint32Array = new Uint32Array(4)): Uint32Array {
  fillPool(words, scratchPool);
  return generate(scratchPool, out);
}

/**
 * The four words with which PyTorch ≥ 1.9 seeds NumPy in worker `workerId`
 * (torch/utils/data/_utils/worker.py `_generate_state`) = SS(workerId, baseSeed).
 * @throws SeedOutOfRangeError unless baseSeed is 0…2^64−1 and workerId 0…2^32−1.
 */
export function torchWorkerSeed(baseSeed: bigint, workerId: number): Uint32Array {
  if (baseSeed < 0n || baseSeed >= UINT64_LIMIT) throw new SeedOutOfRangeError('baseSeed', baseSeed, UINT64_LIMIT - 1n);
  if (workerId >>> 0 !== workerId) throw new SeedOutOfRangeError('workerId', workerId, 0xffffffff);
  return seedWords([workerId, Number(baseSeed & 0xffffffffn), Number(baseSeed >> 32n)]);
}

/** An integer as little-endian 32-bit words; 0 is one word. */
function wordsOf(value: number | bigint, field: string): number[] {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new SeedOutOfRangeError(field, value, Number.MAX_SAFE_INTEGER);
  }
  if (value < 0) throw new SeedOutOfRangeError(field, value, 'any size');
  const words: number[] = [];
  for (let left = BigInt(value); left > 0n; left >>= 32n) words.push(Number(left & 0xffffffffn));
  return words.length > 0 ? words : [0];
}

function wholeNumber(field: string, value: number): number {
  if (!(value >= 0 && Number.isSafeInteger(value)))
    throw new SeedOutOfRangeError(field, value, Number.MAX_SAFE_INTEGER);
  return value;
}

/** Plain JSON: integers of any size as decimal strings; the entropy stays one integer or a list. */
export interface SeedSequenceState {
  readonly entropy: string | readonly string[];
  readonly spawnKey: readonly number[];
  readonly childrenSpawned: number;
}

/** `np.random.SeedSequence(entropy, spawn_key=…)`. */
export class SeedSequence {
  readonly #entropy: Entropy;
  readonly #spawnKey: readonly number[];
  readonly #pool = new Int32Array(POOL_SIZE);
  #childrenSpawned: number;

  /** @throws SeedOutOfRangeError for a negative or inexact integer, SeedEmptyError for an empty list. */
  constructor(
    entropy: Entropy,
    { spawnKey = [], childrenSpawned = 0 }: { spawnKey?: readonly number[]; childrenSpawned?: number } = {},
  ) {
    this.#entropy = entropy;
    this.#spawnKey = spawnKey;
    this.#childrenSpawned = wholeNumber('childrenSpawned', childrenSpawned);
    const list = typeof entropy === 'object' ? entropy : [entropy];
    if (list.length === 0) throw new SeedEmptyError('entropy');
    const words = list.flatMap((value) => wordsOf(value, 'entropy'));
    // NumPy pads before a spawn key, so that entropy and key cannot be confused.
    while (spawnKey.length > 0 && words.length < POOL_SIZE) words.push(0);
    words.push(...spawnKey.flatMap((value) => wordsOf(value, 'spawnKey')));
    fillPool(words, this.#pool);
  }

  /** The mixed pool, four 32-bit words. */
  get pool(): Uint32Array {
    return new Uint32Array(this.#pool);
  }

  /** `generate_state(n)`: n 32-bit words; always the same ones. @throws SeedOutOfRangeError for a negative n. */
  generateState(n: number): Uint32Array {
    return generate(this.#pool, new Uint32Array(wholeNumber('n', n)));
  }

  /** `generate_state(n, uint64)`: pairs of words, the low one first. @throws SeedOutOfRangeError for a negative n. */
  generateState64(n: number): BigUint64Array {
    const words = this.generateState(2 * wholeNumber('n', n));
    return BigUint64Array.from({ length: n }, (_, i) => BigInt(words[2 * i]) | (BigInt(words[2 * i + 1]) << 32n));
  }

  /** `spawn(n)`: n new children, numbered on from those already spawned. @throws SeedOutOfRangeError for a negative n. */
  spawn(n: number): SeedSequence[] {
    const first = this.#childrenSpawned;
    this.#childrenSpawned += wholeNumber('n', n);
    return Array.from(
      { length: n },
      (_, i) => new SeedSequence(this.#entropy, { spawnKey: [...this.#spawnKey, first + i] }),
    );
  }

  /** What `SeedSequence.state` shows, as plain JSON. */
  getState(): SeedSequenceState {
    const entropy = typeof this.#entropy === 'object' ? this.#entropy.map(String) : String(this.#entropy);
    return { entropy, spawnKey: [...this.#spawnKey], childrenSpawned: this.#childrenSpawned };
  }

  /** The sequence that spawns on where `getState` was called. Throws like the constructor. */
  static fromState({ entropy, spawnKey, childrenSpawned }: SeedSequenceState): SeedSequence {
    const integers = typeof entropy === 'string' ? BigInt(entropy) : entropy.map(BigInt);
    return new SeedSequence(integers, { spawnKey, childrenSpawned });
  }

  /** An independent sequence that has spawned as many children. */
  clone(): SeedSequence {
    return SeedSequence.fromState(this.getState());
  }
}
