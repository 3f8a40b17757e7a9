// Arrays of disposed tensors, kept for the next tensors of their size: fresh pages cost more than most kernels.

/** Oldest sizes are let go beyond this; training fills it with the activations of one batch. */
const MOST_IDLE_BYTES = 2 ** 31;
/** Smaller arrays are V8's business. */
const SMALLEST_LENGTH = 1024;
const CACHE_LINE = 64;

export class ArrayPool {
  readonly #misalignment: (values: Float32Array) => number;
  /** By length; a size that was asked for last stands last. */
  readonly #idle = new Map<number, Float32Array[]>();
  #idleBytes = 0;

  constructor(misalignment: (values: Float32Array) => number) {
    this.#misalignment = misalignment;
  }

  /** An array of undefined content; large ones begin at a cache line. */
  take(length: number): Float32Array {
    if (length < SMALLEST_LENGTH) return new Float32Array(length);
    const idle = this.#idle.get(length);
    if (idle === undefined) return this.#make(length);
    this.#idle.delete(length);
    const array = idle.pop() as Float32Array;
    this.#idleBytes -= array.byteLength;
    if (idle.length > 0) this.#idle.set(length, idle);
    return array;
  }

  /** For the next `take`: nobody may hold the array. */
  giveBack(array: Float32Array): void {
    if (array.length < SMALLEST_LENGTH) return;
    const idle = this.#idle.get(array.length);
    if (idle === undefined) this.#idle.set(array.length, [array]);
    else idle.push(array);
    this.#idleBytes += array.byteLength;
    for (const [length, arrays] of this.#idle) {
      if (this.#idleBytes <= MOST_IDLE_BYTES) return;
      this.#idleBytes -= length * Float32Array.BYTES_PER_ELEMENT * arrays.length;
      this.#idle.delete(length);
    }
  }

  #make(length: number): Float32Array {
    const buffer = new ArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT + CACHE_LINE);
    const misaligned = this.#misalignment(new Float32Array(buffer, 0, 1));
    return new Float32Array(buffer, (CACHE_LINE - misaligned) % CACHE_LINE, length);
  }
}
