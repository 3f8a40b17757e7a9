export type { DrawStream, WordDrawStream } from './draw-stream.ts';
export {
  DrawNotServedError,
  DrawRangeError,
  DtypeBoundsError,
  GeneratorStateError,
  ParameterOutOfRangeError,
  SampleTooLargeError,
  SeedEmptyError,
  SeedOutOfRangeError,
} from './errors.ts';
export { JaxDrawStream } from './jax-draw-stream.ts';
export * as jax from './jax-random.ts';
export type { JaxKey } from './jax-random.ts';
export { Mt19937, type Mt19937Seed, type Mt19937State } from './mt19937.ts';
export { NumpyRandomState, type NumpyState } from './numpy-random-state.ts';
export { PythonDrawStream } from './python-draw-stream.ts';
export { PythonRandom, type PythonState } from './python-random.ts';
export {
  type Entropy,
  SeedSequence,
  type SeedSequenceState,
  seedWords,
  torchWorkerSeed,
} from './seed-sequence.ts';
export {
  attackNormalStream,
  attackStream,
  dropoutStream,
  evaluationStream,
  initStream,
  orderStream,
  STREAM_TAGS,
  splitPermutation,
  spreadSeeds,
} from './streams.ts';
export { TorchDrawStream } from './torch-draw-stream.ts';
export { RANDINT_WIDE_FROM, TorchGenerator, type TorchRelease, type TorchState } from './torch-generator.ts';
export type { IntegerArrays, IntegerType } from './typed-randint.ts';
