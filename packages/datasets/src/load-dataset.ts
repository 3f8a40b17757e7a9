// Loads a dataset into memory as uint8, after checking that every file is the original.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DATASET_FACTS,
  type DatasetFacts,
  type DatasetFile,
  type DatasetName,
  type NamedDataset,
} from '@reseed/experiment';
import { CheckedFiles } from './checked-files.ts';
import { AsFoundUnsupportedError, DatasetFileMissingError } from './errors.ts';
import type { LabelledImages } from './labelled-images.ts';
import { locateFiles } from './locate-files.ts';
import { readCifar } from './read-cifar.ts';
import { readIdx } from './read-idx.ts';
import { readVerifiedFile } from './read-verified-file.ts';

export interface Dataset {
  readonly name: DatasetName;
  /** height, width, channels in pixels */
  readonly imageShape: DatasetFacts['imageShape'];
  readonly classes: number;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

export interface DatasetSource {
  /** Folders that may hold datasets, the first that has it counts; else an installed package. */
  readonly folders?: readonly string[];
  /**
   * `originals` (default): every file by size and sha256. `as_found`: CIFAR files that are there, with as many whole
   * records as they hold, for copies that were cut or encoded anew; results then are not those of the dataset.
   */
  readonly accept?: 'originals' | 'as_found';
  /** JSON file that remembers which files are the originals, made where missing; else only this process does. */
  readonly checkedFiles?: string | undefined;
}

/**
 * Reads all images of a dataset (MNIST: 55 MB, 0.05 to 0.2 s by what the system takes for a page of new memory, 0.03 s
 * more for files that were never checked; CIFAR-10: 184 MB). A long-lived caller loads once and keeps the result; its arrays are shared, also between
 * threads, and must not be written to.
 * @throws DatasetError when a file is missing or is not the original, or `as_found` is asked of another than CIFAR.
 */
export async function loadDataset(
  name: NamedDataset,
  { folders = [], accept = 'originals', checkedFiles }: DatasetSource = {},
): Promise<Dataset> {
  const facts: DatasetFacts = DATASET_FACTS[name];
  if (accept === 'as_found' && facts.format !== 'cifar') throw asFoundUnsupported(name);
  const { folder, remedy } = locateFiles(name, folders);
  const asFound = accept === 'as_found';
  const pathOf = (file: DatasetFile) => join(folder, file.name);
  const wanted = asFound ? filesToRead(facts.files, pathOf, remedy) : facts.files;
  const checked = await CheckedFiles.open(checkedFiles);
  const files = await Promise.all(
    wanted.map(async (file) => {
      const path = pathOf(file);
      return { path, bytes: await (asFound ? readFile(path) : readVerifiedFile(path, file, remedy, checked)) };
    }),
  );
  await checked.keep();
  const { imageShape, classes } = facts;
  return { name, imageShape, classes, ...readFiles(files, facts) };
}

/** Only the records of CIFAR carry their own labels, so that any number of them can be read. */
export const asFoundUnsupported = (name: DatasetName): AsFoundUnsupportedError =>
  new AsFoundUnsupportedError(name, ['cifar10', 'cifar100']);

/** The training files that are there, and the test file, which must be. @throws DatasetFileMissingError */
function filesToRead(
  files: readonly DatasetFile[],
  pathOf: (file: DatasetFile) => string,
  remedy: string,
): readonly DatasetFile[] {
  const [test] = files.slice(-1);
  const training = files.slice(0, -1).filter((file) => existsSync(pathOf(file)));
  const missing = training.length === 0 ? files[0] : test;
  if (training.length === 0 || !existsSync(pathOf(test))) throw new DatasetFileMissingError(pathOf(missing), remedy);
  return [...training, test];
}

function readFiles(
  files: readonly { readonly bytes: Uint8Array; readonly path: string }[],
  { format, imageShape: [height, width], classes, trainImages, testImages }: DatasetFacts,
): Pick<Dataset, 'train' | 'test'> {
  switch (format) {
    case 'idx': {
      const shapes = [[trainImages, height, width], [trainImages], [testImages, height, width], [testImages]];
      const [images, labels, heldImages, heldLabels] = files.map(({ bytes, path }, i) =>
        readIdx(bytes, shapes[i], path),
      );
      return { train: { images, labels }, test: { images: heldImages, labels: heldLabels } };
    }
    case 'cifar':
      return { train: readCifar(files.slice(0, -1), classes), test: readCifar(files.slice(-1), classes) };
  }
}
