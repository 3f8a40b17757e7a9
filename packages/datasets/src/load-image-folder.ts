// Loads a folder of images into memory as uint8, after checking that it is what the grid says.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetBlock } from '@reseed/experiment';
import { convertImage } from './convert-image.ts';
import {
  ClassCountError,
  DecodedSizeError,
  ImageFolderChecksumError,
  ImageFolderMissingError,
} from './image-folder-errors.ts';
import { labelArray, type LabelledImages, sharedBytes } from './labelled-images.ts';
import { byPath, type ListedImage, listImages } from './list-images.ts';
import type { Dataset } from './load-dataset.ts';
import { readImages } from './read-images.ts';
import { splitOffTest } from './test-share.ts';

/** 2 GiB: all of it stays in memory. */
const MOST_BYTES = 2 ** 31;

export interface ImageFolderSource {
  /** Data folders, the first that holds the images counts. */
  readonly folders?: readonly string[];
  /** of all images when decoded */
  readonly mostBytes?: number;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** @throws ImageFolderMissingError */
function locateFolder(folder: string, roots: readonly string[]): string {
  const candidates = roots.map((root) => join(root, folder));
  const found = candidates.find(isFolder);
  if (found === undefined) throw new ImageFolderMissingError(folder, candidates);
  return found;
}

/** Files in the order of their paths, which the checksum follows, whatever part they belong to. */
function inOrder(parts: readonly (readonly ListedImage[])[]): { image: ListedImage; part: number; index: number }[] {
  const placed = parts.flatMap((images, part) => images.map((image, index) => ({ image, part, index })));
  return placed.sort((a, b) => byPath(a.image, b.image));
}

/**
 * Reads all images of a folder: 10,000 of 32×32 take about 8 s of processor time, which two cores share. The arrays of the
 * result are shared and must not be written to.
 * @throws DatasetError when the folder is missing or not as the block says, or a file is no image
 */
export async function loadImageFolder(
  { folder: name, height, width, channels, classes, checksum }: DatasetBlock,
  { folders = [], mostBytes = MOST_BYTES }: ImageFolderSource = {},
): Promise<Dataset> {
  const folder = locateFolder(name, folders);
  const listing = await listImages(folder);
  if (listing.classes.length !== classes) throw new ClassCountError(folder, classes, listing.classes.length);
  const split = splitOffTest(listing, folder);
  const size = height * width * channels;
  const total = split.train.length + split.test.length;
  if (total * size > mostBytes) throw new DecodedSizeError(folder, total, total * size, mostBytes);
  const parts = [split.train, split.test];
  const pixels = parts.map((images) => sharedBytes(images.length * size));
  const files = inOrder(parts);
  const found = await readImages(
    folder,
    files.map(({ image }) => image),
    (image, at) => {
      const { part, index } = files[at];
      pixels[part].set(convertImage(image, { height, width }, channels), index * size);
    },
  );
  if (found !== checksum) throw new ImageFolderChecksumError(folder, checksum, found);
  const [train, test] = parts.map((images, part): LabelledImages => {
    const labels = labelArray(images.length, classes);
    images.forEach(({ label }, index) => (labels[index] = label));
    return { images: pixels[part], labels };
  });
  return { name: 'images', imageShape: [height, width, channels], classes, train, test };
}
