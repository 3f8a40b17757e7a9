// Batches as pixels and label rows: uint8 images become float32 in [0, 1], augmented and mixed on the way where that is asked for.
import type { AugmentationParameters, BatchParameters, CompiledAugmentation } from '@reseed/augmentation';
import { imageOffset, type LabelledImages } from '@reseed/datasets';
import type { DatasetFacts } from '@reseed/experiment';

export interface BatchSource {
  readonly source: LabelledImages;
  readonly imageShape: DatasetFacts['imageShape'];
  readonly classes: number;
  readonly augmentation: CompiledAugmentation;
}

/** What the augmentation drew for a batch. */
export interface DrawnBatch {
  readonly indices: ArrayLike<number>;
  /** Of each image. */
  readonly parameters: readonly AugmentationParameters[];
  /** Of the batch, where the augmentation draws per batch. */
  readonly batchParameters?: BatchParameters | undefined;
}

export interface BatchPixels {
  /** n · height · width · channels values in [0, 1] */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** n · classes; one-hot rows, or rows that sum to 1 where the augmentation mixes labels */
  readonly labels: Float32Array<ArrayBuffer>;
}

/** The images at `indices` of the source, image i augmented by `parameters[i]`. Needs no backend: a thread without one can do it. */
export function prepareBatch(
  { source, imageShape, classes, augmentation }: BatchSource,
  { indices, parameters, batchParameters }: DrawnBatch,
): BatchPixels {
  const size = imageShape.reduce((product, side) => product * side, 1);
  const pixels = new Float32Array(indices.length * size);
  const labels = new Float32Array(indices.length * classes);
  const rawImage = (index: number) => {
    const start = imageOffset(source, index, size);
    return source.images.subarray(start, start + size);
  };
  for (let i = 0; i < indices.length; i++) {
    const from = imageOffset(source, indices[i], size);
    augmentation.apply(source.images, from, parameters[i], pixels, i * size, rawImage);
    labels[i * classes + source.labels[indices[i]]] = 1;
    augmentation.softenLabel?.(parameters[i], source.labels, labels, i * classes);
  }
  if (batchParameters !== undefined) augmentation.mix?.(pixels, labels, batchParameters);
  return { pixels, labels };
}
