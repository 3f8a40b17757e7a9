// The ways in which a dataset can be missing, damaged or too small, each with what was expected, what was found and what to do.

/** A dataset that cannot be used on this machine: the failure kind `dataset_unavailable` of a run. */
export abstract class DatasetError extends Error {}

/** No folder holds the dataset. */
export class DatasetNotFoundError extends DatasetError {
  override readonly name = 'DatasetNotFoundError';
  constructor(
    readonly dataset: string,
    readonly searched: readonly string[],
    readonly command: string,
  ) {
    super(`${dataset} was found in none of ${searched.join(', ') || 'no folder'}; fetch it with: ${command}`);
  }
}

/** A packed file of the dataset cannot be unpacked. */
export class DatasetFileBrokenError extends DatasetError {
  override readonly name = 'DatasetFileBrokenError';
  constructor(
    readonly path: string,
    readonly reason: string,
    readonly remedy: string,
  ) {
    super(`${path} cannot be unpacked (${reason}); ${remedy}`);
  }
}

/** A file of the dataset is not there. */
export class DatasetFileMissingError extends DatasetError {
  override readonly name = 'DatasetFileMissingError';
  constructor(
    readonly path: string,
    readonly remedy: string,
  ) {
    super(`${path} does not exist; ${remedy}`);
  }
}

/** A file of the dataset has another length than the original: cut short, still compressed, or another file. */
export class DatasetFileSizeError extends DatasetError {
  override readonly name = 'DatasetFileSizeError';
  constructor(
    readonly path: string,
    readonly expected: number,
    readonly got: number,
    readonly remedy: string,
  ) {
    super(`${path} has ${got} bytes, expected ${expected}; ${remedy}`);
  }
}

/** A file of the dataset has the right length and other content than the original. */
export class DatasetChecksumError extends DatasetError {
  override readonly name = 'DatasetChecksumError';
  constructor(
    readonly path: string,
    readonly expected: string,
    readonly got: string,
    readonly remedy: string,
  ) {
    super(`${path} has sha256 ${got}, expected ${expected}; ${remedy}`);
  }
}

/** A file is not the IDX file it should be. */
export class IdxFormatError extends DatasetError {
  override readonly name = 'IdxFormatError';
  constructor(
    readonly path: string,
    readonly field: string,
    readonly expected: string,
    readonly got: string,
  ) {
    super(`${path} is not the expected IDX file: ${field} is ${got}, expected ${expected}`);
  }
}

/** A file is not the CIFAR file it should be. */
export class CifarFormatError extends DatasetError {
  override readonly name = 'CifarFormatError';
  constructor(
    readonly path: string,
    readonly field: string,
    readonly expected: string,
    readonly got: string,
  ) {
    super(`${path} is not the expected CIFAR file: ${field} is ${got}, expected ${expected}`);
  }
}

/** Files that are not the originals were allowed, for a dataset of which only the originals can be read. */
export class AsFoundUnsupportedError extends DatasetError {
  override readonly name = 'AsFoundUnsupportedError';
  constructor(
    readonly dataset: string,
    readonly supported: readonly string[],
  ) {
    super(`${dataset} cannot be read as found; ${supported.join(' and ')} can, as copies of them are often cut`);
  }
}

/** A download that did not give the file it should. */
export class DatasetDownloadError extends DatasetError {
  override readonly name = 'DatasetDownloadError';
  constructor(
    readonly url: string,
    readonly reason: string,
    readonly remedy: string,
  ) {
    super(`${url}: ${reason}; ${remedy}`);
  }
}

/** A split asks for more images than the dataset has, or for none. */
export class SplitSizeError extends RangeError {
  override readonly name = 'SplitSizeError';
  constructor(
    readonly field: string,
    readonly value: number,
    readonly limit: number,
  ) {
    super(`${field} is ${value}; it must be a whole number from 1 to ${limit}`);
  }
}
