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
  /** A double in [0, 1], Beta(a, b); a, b > 0. */
  beta(a: number, b: number): number;
  /** A double, Normal(0, 1). */
  standardNormal(): number;
  /** A double, Normal(mean, deviation²); deviation ≥ 0. */
  normal(mean: number, deviation: number): number;
}

/** A draw stream over raw words: its place can be looked at, moved and copied. */
export interface WordDrawStream extends DrawStream {
  /** 32-bit words consumed since the seeding. */
  readonly wordsDrawn: number;
  /** Fills `out` with the raw words that come next, without consuming them. */
  peek(out: Uint32Array): void;
  /** Consumes `words` raw words unseen. */
  skip(words: number): void;
  /** An independent stream at the same place. */
  clone(): WordDrawStream;
}
