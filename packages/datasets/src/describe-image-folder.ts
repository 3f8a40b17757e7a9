// Says what a folder of images holds, as the dataset block that a grid needs, and the counts a person looks at first.
import { statSync } from 'node:fs';
import type { ImageIdentity } from '@reseed/experiment';
import { isColoured } from './convert-image.ts';
import { ImageFolderMissingError, ImageSizeError } from './image-folder-errors.ts';
import { byPath, type ImageListing, type ListedImage, listImages } from './list-images.ts';
import { readImages } from './read-images.ts';
import type { ImageSize } from './resize-image.ts';
import { type SplitListing, splitOffTest } from './test-share.ts';

export interface FolderDescription {
  readonly layout: ImageListing['layout'];
  /** What the grid must say, and sizes of a split that uses every image; a sixth of the training images validates. */
  readonly block: Omit<ImageIdentity, 'folder'> & Record<'trainSize' | 'validationSize' | 'testSize', number>;
  readonly classes: readonly { readonly name: string; readonly train: number; readonly test: number }[];
  /** As they are in the files, the most common first. */
  readonly sizes: readonly (ImageSize & { readonly images: number })[];
  /** images with a pixel that is not grey */
  readonly coloured: number;
}

export interface DescribeOptions {
  /** in pixels; else those of the most common size */
  readonly height?: number;
  readonly width?: number;
  /** 1 or 3; else 3 if any image has a colour */
  readonly channels?: number;
}

const LEAST_SIDE = 8;
const MOST_SIDE = 512;
const isUsable = (side: number): boolean => side >= LEAST_SIDE && side <= MOST_SIDE;

const counts = (images: readonly ListedImage[], classes: number): number[] => {
  const counted = new Array<number>(classes).fill(0);
  for (const { label } of images) counted[label] += 1;
  return counted;
};

function splitSizes({ train, test }: SplitListing) {
  const validationSize = Math.max(1, Math.floor(train.length / 6));
  return { trainSize: train.length - validationSize, validationSize, testSize: test.length };
}

/**
 * Reads and decodes every image, so that what is described can also be loaded.
 * @param folder path
 * @throws DatasetError
 */
export async function describeImageFolder(folder: string, options: DescribeOptions = {}): Promise<FolderDescription> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ImageFolderMissingError(folder, [folder]);
  const listing = await listImages(folder);
  const split = splitOffTest(listing, folder);
  const files = [...listing.train, ...listing.test].sort(byPath);
  const bySize = new Map<string, ImageSize & { images: number }>();
  let coloured = 0;
  const checksum = await readImages(folder, files, (image) => {
    const { height, width } = image;
    const key = `${height}×${width}`;
    const size = bySize.get(key) ?? { height, width, images: 0 };
    bySize.set(key, { ...size, images: size.images + 1 });
    if (isColoured(image)) coloured += 1;
  });
  // Of sizes that are equally common the largest, whatever order the files came in.
  const sizes = [...bySize.values()].sort(
    (a, b) => b.images - a.images || b.height * b.width - a.height * a.width || b.height - a.height,
  );
  const [common] = sizes;
  const { height = common.height, width = common.width, channels = coloured > 0 ? 3 : 1 } = options;
  if (!isUsable(height) || !isUsable(width)) throw new ImageSizeError(folder, common.height, common.width);
  const { classes } = listing;
  const [train, test] = [split.train, split.test].map((images) => counts(images, classes.length));
  return {
    layout: listing.layout,
    block: { height, width, channels, classes: classes.length, checksum, ...splitSizes(split) },
    classes: classes.map((name, label) => ({ name, train: train[label], test: test[label] })),
    sizes,
    coloured,
  };
}
