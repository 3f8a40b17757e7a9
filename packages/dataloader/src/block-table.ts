// Counts distinct draw blocks by 128-bit fingerprints: open addressing with linear probing in one typed array.

const FINGERPRINT_WORDS = 4;
/** Per slot: fingerprint, last epoch + 1 (0 = free slot), uses. One probe reads one cache line. */
const STRIDE = FINGERPRINT_WORDS + 2;
const LAST_EPOCH = FINGERPRINT_WORDS;
const USES = FINGERPRINT_WORDS + 1;
const FULL = 0.75;
const PLANNED_LOAD = 0.65;
const TWO32 = 4294967296;

/**
 * Fingerprints must be uniform random words (raw generator output): the first is the hash. Ten million blocks take
 * 370 MB. More blocks than expected make it grow, so the expectation cannot change a count.
 */
export class BlockTable {
  #slots: Int32Array;
  #capacity: number;
  #distinct = 0;
  #epoch = -1;
  #distinctInEpoch = 0;

  /** @param expected number of distinct blocks to make room for */
  constructor(expected: number) {
    this.#capacity = Math.ceil(expected / PLANNED_LOAD) + 16;
    this.#slots = new Int32Array(this.#capacity * STRIDE);
  }

  /** Distinct blocks so far. */
  get distinct(): number {
    return this.#distinct;
  }

  /** Distinct blocks in the epoch of the last block. */
  get distinctInEpoch(): number {
    return this.#distinctInEpoch;
  }

  /** Counts one use of a block. @param epoch never smaller than in the call before */
  add(fingerprint: Uint32Array, epoch: number): void {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#distinctInEpoch = 0;
    }
    const slots = this.#slots;
    const at = this.#find(fingerprint[0], fingerprint[1], fingerprint[2], fingerprint[3]);
    if (slots[at + LAST_EPOCH] === 0) {
      for (let i = 0; i < FINGERPRINT_WORDS; i++) slots[at + i] = fingerprint[i];
      this.#distinct++;
    }
    if (slots[at + LAST_EPOCH] !== epoch + 1) {
      slots[at + LAST_EPOCH] = epoch + 1;
      this.#distinctInEpoch++;
    }
    slots[at + USES]++;
    if (this.#distinct > FULL * this.#capacity) this.#grow();
  }

  /** How often the least and the most used block were used; zeros for an empty table. */
  uses(): { least: number; most: number } {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (let at = 0; at < this.#slots.length; at += STRIDE) {
      const uses = this.#slots[at + USES];
      if (uses === 0) continue;
      least = Math.min(least, uses);
      most = Math.max(most, uses);
    }
    return { least: most === 0 ? 0 : least, most };
  }

  /** Where the block lies, or the free slot where it belongs. */
  #find(first: number, second: number, third: number, fourth: number): number {
    const slots = this.#slots;
    const [a, b, c, d] = [first | 0, second | 0, third | 0, fourth | 0];
    let slot = Math.floor(((first >>> 0) / TWO32) * this.#capacity);
    for (;;) {
      const at = slot * STRIDE;
      if (slots[at + LAST_EPOCH] === 0) return at;
      if (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c && slots[at + 3] === d) return at;
      if (++slot === this.#capacity) slot = 0;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#capacity *= 2;
    this.#slots = new Int32Array(this.#capacity * STRIDE);
    for (let at = 0; at < old.length; at += STRIDE) {
      if (old[at + LAST_EPOCH] === 0) continue;
      const target = this.#find(old[at], old[at + 1], old[at + 2], old[at + 3]);
      this.#slots.set(old.subarray(at, at + STRIDE), target);
    }
  }
}
