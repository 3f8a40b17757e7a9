export {
  CifarFormatError,
  DatasetChecksumError,
  DatasetDownloadError,
  DatasetError,
  DatasetFileBrokenError,
  DatasetFileMissingError,
  DatasetFileSizeError,
  DatasetNotFoundError,
  IdxFormatError,
  SplitSizeError,
} from './errors.ts';
export type { FetchProgress } from './download-file.ts';
export { type FetchedDataset, fetchDataset, type FetchOptions } from './fetch-dataset.ts';
export type { LabelledImages } from './labelled-images.ts';
export { type Dataset, type DatasetSource, loadDataset } from './load-dataset.ts';
export { type DatasetSplits, type Split, splitDataset, type SplitSizes } from './split-dataset.ts';
