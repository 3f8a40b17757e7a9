// Which images of a folder are its test images, and in which order: fixed, whatever the seeds of an experiment.
import { splitPermutation } from '@reseed/rng';
import { TooFewImagesError } from './image-folder-errors.ts';
import type { ImageListing, ListedImage } from './list-images.ts';

/** One in six, as in MNIST (60,000 and 10,000) and CIFAR. */
const SHARE = 6;
const LEAST_TRAINING = 2;

/** Of a file order, or of a whole test folder, which is sorted by class: the first images must not be of one class. */
const ORDER_SEED = 0;

export interface SplitListing {
  /** by path */
  readonly train: readonly ListedImage[];
  /** in the fixed order */
  readonly test: readonly ListedImage[];
}

/**
 * With p = RandomState(0).permutation(n) over all n files sorted by path: the test images are those at p[0 : ⌊n/6⌋] (at
 * least one), in this order; the others train. With a test folder, its files in the order of such a permutation of them.
 * @throws TooFewImagesError
 */
export function splitOffTest({ layout, train, test }: ImageListing, folder: string): SplitListing {
  const files = layout === 'classes' ? train : test;
  const total = train.length + test.length;
  if (total < LEAST_TRAINING + 1) throw new TooFewImagesError(folder, total, LEAST_TRAINING + 1);
  const order = [...splitPermutation(files.length, ORDER_SEED)];
  if (layout === 'train_and_test') return { train, test: order.map((index) => files[index]) };
  const chosen = order.slice(0, Math.max(1, Math.floor(files.length / SHARE)));
  const isTest = new Set(chosen);
  return { train: files.filter((_, index) => !isTest.has(index)), test: chosen.map((index) => files[index]) };
}
