export {
  type AugmentationParameters,
  type CompiledAugmentation,
  compileAugmentation,
  type CompileOptions,
} from './compile-augmentation.ts';
export { BatchShapeError, ItemOrderError, OptionMissingError, RawImagesMissingError } from './errors.ts';
export type { ImageShape, RawImageReader } from './image-method.ts';
export type { BatchParameters } from './mix-batch.ts';
