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

export interface Split extends LabelledImages {
  /** Where each image stands in its file. */
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

function take({ images, labels }: LabelledImages, indices: Int32Array, imageSize: number, classes: number): Split {
  const taken = new Uint8Array(indices.length * imageSize);
  const takenLabels = labelArray(indices.length, classes);
  indices.forEach((index, position) => {
    taken.set(images.subarray(index * imageSize, (index + 1) * imageSize), position * imageSize);
    takenLabels[position] = labels[index];
  });
  return { images: taken, labels: takenLabels, indices };
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
  const [height, width, channels] = dataset.imageShape;
  const imageSize = height * width * channels;
  const order = splitPermutation(total, splitSeed);
  return {
    train: take(dataset.train, order.slice(validationSize, validationSize + trainSize), imageSize, dataset.classes),
    validation: take(dataset.train, order.slice(0, validationSize), imageSize, dataset.classes),
    test: {
      images: dataset.test.images.subarray(0, testSize * imageSize),
      labels: dataset.test.labels.subarray(0, testSize),
      indices: Int32Array.from({ length: testSize }, (_, index) => index),
    },
  };
}
