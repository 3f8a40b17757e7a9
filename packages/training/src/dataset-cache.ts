// The images of the last dataset and split used, kept between runs: most runs of a grid share them.
import {
  asFoundUnsupported,
  type Dataset,
  type DatasetSource,
  type DatasetSplits,
  loadDataset,
  loadImageFolder,
  splitDataset,
} from '@reseed/datasets';
import { canonicalJson, type Condition } from '@reseed/experiment';

/** What a run reads; shared between runs and never written to. */
export interface RunData extends Pick<Dataset, 'imageShape' | 'classes'>, DatasetSplits {}

export interface DatasetCache {
  /** @throws DatasetError, SplitSizeError */
  get(dataset: Condition['dataset']): Promise<RunData>;
}

/** A named dataset, or the folder of images that the block describes. @throws DatasetError */
export async function openDataset(
  dataset: Condition['dataset'],
  folder: string | undefined,
  { accept = 'originals', checkedFiles }: Omit<DatasetSource, 'folders'>,
): Promise<Dataset> {
  const folders = folder === undefined ? [] : [folder];
  if (dataset.name !== 'images') return loadDataset(dataset.name, { folders, accept, checkedFiles });
  if (accept === 'as_found') throw asFoundUnsupported(dataset.name);
  return loadImageFolder(dataset, { folders });
}

/**
 * @param folder that holds the original files of datasets, in subfolders of their names; else installed packages do
 * @param source.accept `as_found`: copies of CIFAR that are not the originals too
 * @param source.checkedFiles remembers which files are the originals
 */
export function createDatasetCache(
  folder: string | undefined,
  source: Omit<DatasetSource, 'folders'> = {},
): DatasetCache {
  let loaded: { readonly key: string; readonly dataset: Dataset } | undefined;
  let held: { readonly key: string; readonly data: RunData } | undefined;
  return {
    async get(wanted) {
      const { trainSize, validationSize, testSize, splitSeed, ...images } = wanted;
      const key = canonicalJson(images);
      if (loaded?.key !== key) loaded = { key, dataset: await openDataset(wanted, folder, source) };
      const { dataset } = loaded;
      const { imageShape, classes } = dataset;
      const sizes = { trainSize, validationSize, testSize, splitSeed };
      const splitKey = canonicalJson(wanted);
      if (held?.key !== splitKey)
        held = { key: splitKey, data: { imageShape, classes, ...splitDataset(dataset, sizes) } };
      return held.data;
    },
  };
}
