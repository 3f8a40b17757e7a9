export {
  AsFoundUnsupportedError,
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
export {
  ClassCountError,
  DecodedSizeError,
  ImageFileError,
  ImageFolderChecksumError,
  ImageFolderLayoutError,
  ImageFolderMissingError,
  ImageSizeError,
  TooFewImagesError,
} from './image-folder-errors.ts';
export { type DescribeOptions, describeImageFolder, type FolderDescription } from './describe-image-folder.ts';
export { type ImageFolderSource, loadImageFolder } from './load-image-folder.ts';
export type { FetchProgress } from './download-file.ts';
export { type FetchedDataset, fetchDataset, type FetchOptions } from './fetch-dataset.ts';
export { imageOffset, type LabelledImages } from './labelled-images.ts';
export { asFoundUnsupported, type Dataset, type DatasetSource, loadDataset } from './load-dataset.ts';
export { type DatasetSplits, type Split, splitDataset, type SplitSizes } from './split-dataset.ts';
