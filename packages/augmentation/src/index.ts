export {
  type AugmentationParameters,
  type CompiledAugmentation,
  compileAugmentation,
} from './compile-augmentation.ts';
export type { ImageShape } from './image-method.ts';
