// A hash table from 96-bit fingerprints to numbers: open addressing with linear probing in one typed array.

export const FINGERPRINT_WORDS = 3;
/** Per slot: fingerprint, number + 1 (0 = free slot). */
const STRIDE = FINGERPRINT_WORDS + 1;
const NUMBER = FINGERPRINT_WORDS;
const FULL = 0.7;
const TWO32 = 4294967296;

/**
 * Fingerprints must be uniform random words (raw generator output): the first is the hash. Of ten million, two different
 * blocks have the same with a chance of 10^−15.
 */
export class FingerprintTable {
  #slots: Int32Array;
  #capacity: number;
  #size = 0;

  /** @param room fingerprints to make room for; more make it grow */
  constructor(room: number) {
    this.#capacity = Math.ceil(room / FULL) + 16;
    this.#slots = new Int32Array(this.#capacity * STRIDE);
  }

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  /**
   * Sets the number of the fingerprint at `from`, 0…2^31−2.
   * @returns the number that it had, −1 if it had none
   */
  exchange(fingerprints: Int32Array | Uint32Array, from: number, number: number): number {
    const at = this.#place(fingerprints, from);
    const before = this.#slots[at + NUMBER] - 1;
    this.#slots[at + NUMBER] = number + 1;
    return before;
  }

  /** Adds one to the number of the fingerprint at `from`; it starts from 0. */
  increment(fingerprints: Int32Array | Uint32Array, from: number): void {
    const at = this.#place(fingerprints, from);
    this.#slots[at + NUMBER] += this.#slots[at + NUMBER] === 0 ? 2 : 1;
  }

  /** The smallest and the largest number; Infinity and −Infinity for an empty table. */
  range(): { least: number; most: number } {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = NUMBER; at < this.#slots.length; at += STRIDE) {
      const number = this.#slots[at] - 1;
      if (number < 0) continue;
      least = Math.min(least, number);
      most = Math.max(most, number);
    }
    return { least, most };
  }

  /** The slot of a fingerprint, which is taken for it if it had none. */
  #place(fingerprints: Int32Array | Uint32Array, from: number): number {
    const at = this.#find(fingerprints, from);
    if (this.#slots[at + NUMBER] !== 0) return at;
    if (this.#size + 1 > FULL * this.#capacity) {
      this.#grow();
      return this.#place(fingerprints, from);
    }
    for (let i = 0; i < FINGERPRINT_WORDS; i++) this.#slots[at + i] = fingerprints[from + i];
    this.#size++;
    return at;
  }

  /** Where the fingerprint lies, or the free slot where it belongs. */
  #find(fingerprints: Int32Array | Uint32Array, from: number): number {
    const slots = this.#slots;
    const first = fingerprints[from] | 0;
    const second = fingerprints[from + 1] | 0;
    const third = fingerprints[from + 2] | 0;
    let slot = (((first >>> 0) / TWO32) * this.#capacity) | 0;
    for (;;) {
      const at = slot * STRIDE;
      if (slots[at + NUMBER] === 0) return at;
      if (slots[at] === first && slots[at + 1] === second && slots[at + 2] === third) return at;
      if (++slot === this.#capacity) slot = 0;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#capacity *= 2;
    this.#slots = new Int32Array(this.#capacity * STRIDE);
    for (let at = 0; at < old.length; at += STRIDE) {
      if (old[at + NUMBER] !== 0) this.#slots.set(old.subarray(at, at + STRIDE), this.#find(old, at));
    }
  }
}
