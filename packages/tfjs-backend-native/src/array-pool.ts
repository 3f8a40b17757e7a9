// Arrays of disposed tensors, kept for the next tensors of their size: fresh pages cost more than most kernels.

/** Smaller arrays are V8's business. */
const SMALLEST_LENGTH = 1024;
/** What lives and what waits together, as a multiple of the most that ever lived: room for sizes that alternate. */
const MOST_HELD = 2;

export class ArrayPool {
  readonly #allocate: (bytes: number) => ArrayBuffer;
  /** By length; a size that was asked for last stands last. */
  readonly #idle = new Map<number, Float32Array[]>();
  #idleBytes = 0;
  #livingBytes = 0;
  #mostLivingBytes = 0;

  constructor(allocate: (bytes: number) => ArrayBuffer) {
    this.#allocate = allocate;
  }

  /** An array of undefined content; large ones begin at a cache line. */
  take(length: number): Float32Array {
    if (length < SMALLEST_LENGTH) return new Float32Array(length);
    const bytes = length * Float32Array.BYTES_PER_ELEMENT;
    this.#livingBytes += bytes;
    this.#mostLivingBytes = Math.max(this.#mostLivingBytes, this.#livingBytes);
    const idle = this.#idle.get(length);
    if (idle === undefined) {
      this.#makeRoom();
      return new Float32Array(this.#allocate(bytes), 0, length);
    }
    this.#idle.delete(length);
    const array = idle.pop() as Float32Array;
    this.#idleBytes -= bytes;
    if (idle.length > 0) this.#idle.set(length, idle);
    return array;
  }

  /** For the next `take`: nobody may hold the array. */
  giveBack(array: Float32Array): void {
    if (array.length < SMALLEST_LENGTH) return;
    this.letGo(array);
    const idle = this.#idle.get(array.length);
    if (idle === undefined) this.#idle.set(array.length, [array]);
    else idle.push(array);
    this.#idleBytes += array.byteLength;
  }

  /** Of an array that will not come back, because somebody else may hold it too. */
  letGo(array: Float32Array): void {
    if (array.length >= SMALLEST_LENGTH) this.#livingBytes -= array.byteLength;
  }

  /** Lets go of the sizes that nobody has asked for the longest. */
  #makeRoom(): void {
    for (const [length, arrays] of this.#idle) {
      while (arrays.length > 0 && this.#livingBytes + this.#idleBytes > MOST_HELD * this.#mostLivingBytes) {
        arrays.pop();
        this.#idleBytes -= length * Float32Array.BYTES_PER_ELEMENT;
      }
      if (arrays.length > 0) return;
      this.#idle.delete(length);
    }
  }
}
