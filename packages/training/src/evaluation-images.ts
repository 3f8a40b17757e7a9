// The images that an evaluation reads: as they are in the file, a part of the source at a time.
import { compileAugmentation } from '@reseed/augmentation';
import type { LabelledImages } from '@reseed/datasets';
import type { RunData } from './dataset-cache.ts';
import { type ImageBatch, imageBatch } from './image-batch.ts';

/** `count` images from the one at `first` on. The caller owns both tensors. */
export function plainImages(
  source: LabelledImages,
  { imageShape, classes }: Pick<RunData, 'imageShape' | 'classes'>,
  first: number,
  count: number,
): ImageBatch {
  const augmentation = compileAugmentation('none', imageShape);
  const indices = Int32Array.from({ length: count }, (_, i) => first + i);
  const parameters = Array.from(indices, () => []);
  return imageBatch({ source, imageShape, classes, augmentation }, { indices, parameters });
}
