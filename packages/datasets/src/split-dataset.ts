// Splits a dataset into training, validation and test images, the same way for every seed of an experiment.
import { splitPermutation } from '@reseed/rng';
import { SplitSizeError } from './errors.ts';
import { labelArray, type LabelledImages } from './labelled-images.ts';
import type { Dataset } from './load-dataset.ts';

export interface SplitSizes {
  readonly trainSize: number;
  readonly validationSize: number;
  readonly testSize: number;
  /** 0…2^32−1; not the seed of a run, so that all runs of an experiment see the same images */
  readonly splitSeed: number;
}

/** Some images of a file: `images` holds all of them, `indices` says where in the file each of the split stands. */
export interface Split extends LabelledImages {
  readonly indices: Int32Array;
}

export interface DatasetSplits {
  readonly train: Split;
  readonly validation: Split;
  readonly test: Split;
}

function checkSize(field: string, value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 1 || value > limit) throw new SplitSizeError(field, value, limit);
}

/** Images stay where they are: copying them took as long as reading the file, and held them twice. */
function take({ images, labels }: LabelledImages, indices: Int32Array, classes: number): Split {
  const taken = labelArray(indices.length, classes);
  for (let i = 0; i < indices.length; i++) taken[i] = labels[indices[i]];
  return { images, labels: taken, indices };
}

/**
 * With p = RandomState(splitSeed).permutation(all training images): validation = p[0 : V], train = p[V : V + N]; test = the
 * first images of the test file, in file order. Training images come after the validation images, so a larger
 * `trainSize` only appends.
 * @throws SplitSizeError when a size is not a whole number from 1 to what is left of the file.
 */
export function splitDataset(dataset: Dataset, sizes: SplitSizes): DatasetSplits {
  const { trainSize, validationSize, testSize, splitSeed } = sizes;
  const total = dataset.train.labels.length;
  checkSize('validationSize', validationSize, total - 1);
  checkSize('trainSize', trainSize, total - validationSize);
  checkSize('testSize', testSize, dataset.test.labels.length);
  const order = splitPermutation(total, splitSeed);
  const { train, test, classes } = dataset;
  return {
    train: take(train, order.slice(validationSize, validationSize + trainSize), classes),
    validation: take(train, order.slice(0, validationSize), classes),
    test: take(
      test,
      Int32Array.from({ length: testSize }, (_, index) => index),
      classes,
    ),
  };
}
