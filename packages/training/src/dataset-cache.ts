// The images of the last dataset and split used, kept between runs: most runs of a grid share them.
import { type Dataset, type DatasetSplits, loadDataset, splitDataset } from '@reseed/datasets';
import type { Condition, DatasetName } from '@reseed/experiment';

/** What a run reads; shared between runs and never written to. */
export interface RunData extends Pick<Dataset, 'imageShape' | 'classes'>, DatasetSplits {}

export interface DatasetCache {
  /** @throws DatasetError, SplitSizeError */
  get(dataset: Condition['dataset']): Promise<RunData>;
}

/** @param folder that holds the original files of datasets, in subfolders of their names; else installed packages do */
export function createDatasetCache(folder: string | undefined): DatasetCache {
  let dataset: Dataset | undefined;
  let held: { readonly key: string; readonly data: RunData } | undefined;
  const load = (name: DatasetName) => loadDataset(name, folder === undefined ? {} : { folders: [folder] });
  return {
    async get({ name, ...sizes }) {
      if (dataset?.name !== name) dataset = await load(name);
      const { imageShape, classes } = dataset;
      const key = [name, sizes.trainSize, sizes.validationSize, sizes.testSize, sizes.splitSeed].join();
      if (held?.key !== key) held = { key, data: { imageShape, classes, ...splitDataset(dataset, sizes) } };
      return held.data;
    },
  };
}
