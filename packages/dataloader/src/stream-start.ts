// Where a draw stream begins: which generator, seeded with what. Named, so that equal streams can be told by their names.
import { type Mt19937Seed, NumpyRandomState, PythonDrawStream, PythonRandom, TorchDrawStream } from '@reseed/rng';
import { TorchGenerator, type WordDrawStream } from '@reseed/rng';

export type StreamStart =
  | { readonly generator: 'numpy'; readonly seed: Mt19937Seed }
  /** 64 bits, of which torch takes the low 32 */
  | { readonly generator: 'torch'; readonly seed: bigint }
  | { readonly generator: 'python'; readonly seed: bigint };

const LOW_WORD = 0xffffffffn;

export const numpyStart = (seed: Mt19937Seed): StreamStart => ({ generator: 'numpy', seed });

export function openStream(start: StreamStart): WordDrawStream {
  switch (start.generator) {
    case 'numpy':
      return new NumpyRandomState(start.seed);
    case 'torch':
      return new TorchDrawStream(new TorchGenerator(start.seed));
    case 'python':
      return new PythonDrawStream(new PythonRandom(start.seed));
  }
}

/** Equal for equal streams of one generator, different for different ones. */
export function nameOfStream(start: StreamStart): string {
  return start.generator === 'torch' ? String(start.seed & LOW_WORD) : String(start.seed);
}
