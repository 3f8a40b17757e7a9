// Gives equal tuples of 32-bit words the same number, counting from 0: open addressing in typed arrays.

const LOAD = 0.6;
/** Tuples per piece of storage: pieces need no copying when the table grows. */
const PIECE_BITS = 14;
const IN_PIECE = (1 << PIECE_BITS) - 1;

/** Holds one million pairs in 16 MB, tuples of four in 24 MB. */
export class TupleTable {
  readonly #width: number;
  #slots = new Int32Array(1024);
  readonly #pieces: Int32Array[] = [];
  #size = 0;

  /** @param width words per tuple, 1 to 4 */
  constructor(width: 1 | 2 | 3 | 4) {
    this.#width = width;
  }

  /** Distinct tuples so far. */
  get size(): number {
    return this.#size;
  }

  /** The number of this tuple, a new one when it has not been seen. Words count modulo 2^32; those beyond the width are 0. */
  idOf(a: number, b = 0, c = 0, d = 0): number {
    const [w0, w1, w2, w3] = [a | 0, b | 0, c | 0, d | 0];
    const width = this.#width;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = mix(w0, w1, w2, w3) & mask;
    for (;;) {
      const id = slots[slot] - 1;
      if (id < 0) return this.#add(slot, w0, w1, w2, w3);
      const words = this.#pieces[id >>> PIECE_BITS];
      const at = (id & IN_PIECE) * width;
      if (
        words[at] === w0 &&
        (width < 2 || words[at + 1] === w1) &&
        (width < 3 || words[at + 2] === w2) &&
        (width < 4 || words[at + 3] === w3)
      )
        return id;
      slot = (slot + 1) & mask;
    }
  }

  /** Word `word` (0 to 3) of tuple `id`, as a signed number. */
  wordOf(id: number, word: number): number {
    return word < this.#width ? this.#pieces[id >>> PIECE_BITS][(id & IN_PIECE) * this.#width + word] : 0;
  }

  #add(slot: number, w0: number, w1: number, w2: number, w3: number): number {
    const id = this.#size++;
    this.#slots[slot] = id + 1;
    if ((id & IN_PIECE) === 0) this.#pieces.push(new Int32Array(this.#width << PIECE_BITS));
    const words = this.#pieces[id >>> PIECE_BITS];
    const at = (id & IN_PIECE) * this.#width;
    words[at] = w0;
    if (this.#width > 1) words[at + 1] = w1;
    if (this.#width > 2) words[at + 2] = w2;
    if (this.#width > 3) words[at + 3] = w3;
    if (this.#size > LOAD * this.#slots.length) this.#spread();
    return id;
  }

  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#size; id++) {
      let slot = mix(this.wordOf(id, 0), this.wordOf(id, 1), this.wordOf(id, 2), this.wordOf(id, 3)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

/** Multiply-and-fold over the words; the constants are those of MurmurHash3. */
function mix(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a, 0xcc9e2d51);
  hash = Math.imul(hash ^ (hash >>> 15) ^ b, 0x1b873593);
  hash = Math.imul(hash ^ (hash >>> 13) ^ c, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16) ^ d, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}
