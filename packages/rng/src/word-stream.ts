// What every generator over the Mersenne Twister does with its raw words; the draws built on them are the generators' own.
import type { Mt19937 } from './mt19937.ts';

export abstract class WordStream {
  protected engine: Mt19937;

  constructor(engine: Mt19937) {
    this.engine = engine;
  }

  /** 32-bit words consumed since the seeding, or since the state was restored. */
  get wordsDrawn(): number {
    return this.engine.wordsDrawn;
  }

  /** Fills `out` with the raw words that come next, without consuming them. */
  peek(out: Uint32Array): void {
    this.engine.peek(out);
  }

  /** Fills `out` with the next raw words. */
  fill(out: Uint32Array): void {
    this.engine.fill(out);
  }

  /** Consumes `words` raw words unseen. */
  skip(words: number): void {
    this.engine.skip(words);
  }

  /** The next raw word, 0…2^32−1. */
  nextUint32(): number {
    return this.engine.nextUint32();
  }
}
