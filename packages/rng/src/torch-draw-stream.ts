// Seeding mode torch_rng: draw programs served by a torch generator, the way torchvision's transforms draw.
import type { WordDrawStream } from './draw-stream.ts';
import type { TorchGenerator } from './torch-generator.ts';
import { UniformDrawsOnly } from './uniform-draws-only.ts';

/** Refuses beta, normal and permutation, which torchvision's transforms never drew here, with DrawNotServedError. */
export class TorchDrawStream extends UniformDrawsOnly implements WordDrawStream {
  protected readonly mode = 'torch_rng';

  constructor(readonly generator: TorchGenerator) {
    super();
  }

  /** 32-bit words that the generator consumed. */
  get wordsDrawn(): number {
    return this.generator.wordsDrawn;
  }

  /** Fills `out` with the raw words that come next, without consuming them. */
  peek(out: Uint32Array): void {
    this.generator.peek(out);
  }

  skip(words: number): void {
    this.generator.skip(words);
  }

  clone(): TorchDrawStream {
    return new TorchDrawStream(this.generator.clone());
  }

  /** One raw word. */
  nextUint32(): number {
    return this.generator.nextUint32();
  }

  /** `torch.randint(low, high)`: a word modulo the range. @throws DrawRangeError as `TorchGenerator.randint`. */
  randint(low: number, high: number): number {
    return this.generator.randint(low, high);
  }

  /** `torch.rand(())`: float32, 24 random bits, one word. */
  randomSample(): number {
    return this.generator.rand();
  }

  /** `torch.empty(()).uniform_(low, high)`: float32, one word. @throws ParameterOutOfRangeError when low > high. */
  uniform(low: number, high: number): number {
    return this.generator.uniform(low, high);
  }
}
