// Batches as tensors.
import * as tf from '@tensorflow/tfjs-core';
import { type BatchPixels, type BatchSource, type DrawnBatch, prepareBatch } from './prepare-batch.ts';

export interface ImageBatch {
  /** [n, height, width, channels] in [0, 1] */
  readonly images: tf.Tensor4D;
  /** [n, classes]; one-hot rows, or rows that sum to 1 where the augmentation mixes labels */
  readonly labels: tf.Tensor2D;
}

/** The caller owns both tensors. */
export function batchTensors(
  { imageShape, classes }: Pick<BatchSource, 'imageShape' | 'classes'>,
  { pixels, labels }: BatchPixels,
): ImageBatch {
  const n = labels.length / classes;
  return { images: tf.tensor4d(pixels, [n, ...imageShape]), labels: tf.tensor2d(labels, [n, classes]) };
}

/** The images at `indices` of the source, image i augmented by `parameters[i]`. The caller owns both tensors. */
export function imageBatch(source: BatchSource, drawn: DrawnBatch): ImageBatch {
  return batchTensors(source, prepareBatch(source, drawn));
}
