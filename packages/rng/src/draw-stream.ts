// The stream that an augmentation draws from: the calls of NumPy's RandomState that the draw programs use.

export interface DrawStream {
  /** The next raw 32-bit word. */
  nextUint32(): number;
  /** A whole number in [low, high). */
  randint(low: number, high: number): number;
  /** A double in [0, 1). */
  randomSample(): number;
  /** A double in [low, high). */
  uniform(low: number, high: number): number;
  /** A random order of 0…n−1. */
  permutation(n: number): Int32Array;
}
