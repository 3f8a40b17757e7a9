export {
  DatasetChecksumError,
  DatasetError,
  DatasetFileMissingError,
  DatasetFileSizeError,
  DatasetPackageMissingError,
  IdxFormatError,
  SplitSizeError,
} from './errors.ts';
export { type Dataset, type DatasetSource, type LabelledImages, loadDataset } from './load-dataset.ts';
export { type DatasetSplits, type Split, splitDataset, type SplitSizes } from './split-dataset.ts';
