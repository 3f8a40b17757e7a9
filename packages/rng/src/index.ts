export type { DrawStream } from './draw-stream.ts';
export { DrawRangeError, GeneratorStateError, SeedEmptyError, SeedOutOfRangeError } from './errors.ts';
export { Mt19937, type Mt19937Seed, type Mt19937State } from './mt19937.ts';
export { NumpyRandomState, type NumpyState } from './numpy-random-state.ts';
export { type Entropy, SeedSequence, seedWords, torchWorkerSeed } from './seed-sequence.ts';
export {
  attackStream,
  evaluationStream,
  initStream,
  orderStream,
  STREAM_TAGS,
  splitPermutation,
  spreadSeeds,
} from './streams.ts';
export { RANDINT_WIDE_FROM, TorchGenerator, type TorchRelease } from './torch-generator.ts';
