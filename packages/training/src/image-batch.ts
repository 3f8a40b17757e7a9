// Batches as tensors: uint8 images become float32 in [0, 1], augmented on the way where that is asked for.
import type { AugmentationParameters, CompiledAugmentation } from '@reseed/augmentation';
import type { LabelledImages } from '@reseed/datasets';
import type { DatasetFacts } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';

export interface ImageBatch {
  /** [n, height, width, channels] in [0, 1] */
  readonly images: tf.Tensor4D;
  /** [n, classes] */
  readonly oneHot: tf.Tensor2D;
}

export interface BatchSource {
  readonly source: LabelledImages;
  readonly imageShape: DatasetFacts['imageShape'];
  readonly classes: number;
  readonly augmentation: CompiledAugmentation;
}

/** The images at `indices` of the source, image i augmented by `parameters[i]`. The caller owns both tensors. */
export function imageBatch(
  { source, imageShape, classes, augmentation }: BatchSource,
  indices: ArrayLike<number>,
  parameters: readonly AugmentationParameters[],
): ImageBatch {
  const [height, width, channels] = imageShape;
  const size = height * width * channels;
  const pixels = new Float32Array(indices.length * size);
  const oneHot = new Float32Array(indices.length * classes);
  for (let i = 0; i < indices.length; i++) {
    augmentation.apply(source.images, indices[i] * size, parameters[i], pixels, i * size);
    oneHot[i * classes + source.labels[indices[i]]] = 1;
  }
  return {
    images: tf.tensor4d(pixels, [indices.length, height, width, channels]),
    oneHot: tf.tensor2d(oneHot, [indices.length, classes]),
  };
}
