// Seeding mode python_rng: draw programs served by Python's `random`, the way transforms written with it draw.
import type { WordDrawStream } from './draw-stream.ts';
import type { PythonRandom } from './python-random.ts';
import { UniformDrawsOnly } from './uniform-draws-only.ts';

/** Refuses beta, normal and permutation, as torch_rng does, with DrawNotServedError. */
export class PythonDrawStream extends UniformDrawsOnly implements WordDrawStream {
  protected readonly mode = 'python_rng';

  constructor(readonly random: PythonRandom) {
    super();
  }

  /** 32-bit words that the generator consumed. */
  get wordsDrawn(): number {
    return this.random.wordsDrawn;
  }

  /** Fills `out` with the raw words that come next, without consuming them. */
  peek(out: Uint32Array): void {
    this.random.peek(out);
  }

  skip(words: number): void {
    this.random.skip(words);
  }

  clone(): PythonDrawStream {
    return new PythonDrawStream(this.random.clone());
  }

  /** One raw word, `getrandbits(32)`. */
  nextUint32(): number {
    return this.random.nextUint32();
  }

  /** `randrange(low, high)`. @throws DrawRangeError as `PythonRandom.randrange`. */
  randint(low: number, high: number): number {
    return this.random.randrange(low, high);
  }

  /** `random()`: a double with 53 random bits, two words. */
  randomSample(): number {
    return this.random.random();
  }

  /** `uniform(low, high)`. Two words. */
  uniform(low: number, high: number): number {
    return this.random.uniform(low, high);
  }
}
