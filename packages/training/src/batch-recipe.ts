// What the batches of a run follow from, as data that a thread can be handed, and the loader and augmentation made of it.
import { type AugmentationParameters, type BatchParameters, compileAugmentation } from '@reseed/augmentation';
import { createLoader, type Loader } from '@reseed/dataloader';
import type { LabelledImages } from '@reseed/datasets';
import type { Condition, DatasetFacts } from '@reseed/experiment';
import type { BatchSource } from './prepare-batch.ts';

export interface BatchRecipe {
  readonly seed: number;
  readonly condition: Pick<Condition, 'augmentation' | 'batchSize' | 'loader' | 'seedingMode'>;
  readonly train: LabelledImages;
  readonly imageShape: DatasetFacts['imageShape'];
  readonly classes: number;
}

export type BatchLoader = Loader<AugmentationParameters, BatchParameters>;

/** What a loader, and the audit of it, are made from. @throws as `compileAugmentation` does */
export function loaderOptions({ seed, condition, train, imageShape, classes }: BatchRecipe) {
  const { augmentation, batchSize, loader, seedingMode } = condition;
  const sampleCount = train.labels.length;
  const draws = compileAugmentation(augmentation, imageShape, { classes, sampleCount });
  return { seed, sampleCount, batchSize, loader, seedingMode, draws };
}

/** The same loader and the same pixels in whatever thread. @throws as `compileAugmentation` and `createLoader` do */
export function openRecipe(recipe: BatchRecipe): { readonly source: BatchSource; readonly loader: BatchLoader } {
  const options = loaderOptions(recipe);
  const { train, imageShape, classes } = recipe;
  const source = { source: train, imageShape, classes, augmentation: options.draws };
  return { source, loader: createLoader(options) };
}
