// The ways in which a folder of images is not what a grid says, each with the path, the limit and what to do.
import { DatasetError } from './errors.ts';

const DESCRIBE_COMMAND = 'npx reseed data describe';

/** No data folder holds a folder of this name. */
export class ImageFolderMissingError extends DatasetError {
  override readonly name = 'ImageFolderMissingError';
  constructor(
    readonly folder: string,
    readonly searched: readonly string[],
  ) {
    super(
      searched.length === 0
        ? `there is no data folder that could hold ${folder}; name the one that does with --data-folder`
        : `${searched.join(' and ')} is no folder; put or link the images there, or name the data folder that holds ${folder} with --data-folder`,
    );
  }
}

/** The subfolders are no classes as expected. */
export class ImageFolderLayoutError extends DatasetError {
  override readonly name = 'ImageFolderLayoutError';
  constructor(
    readonly folder: string,
    readonly reason: string,
  ) {
    super(`${folder} ${reason}; expected <class>/<image>, or train/<class>/<image> and test/<class>/<image>`);
  }
}

/** Fewer images than a training, a validation and a test image need. */
export class TooFewImagesError extends DatasetError {
  override readonly name = 'TooFewImagesError';
  constructor(
    readonly folder: string,
    readonly images: number,
    readonly least: number,
  ) {
    super(`${folder} holds ${images} images; at least ${least} are needed`);
  }
}

/** A file is no image that can be used. */
export class ImageFileError extends DatasetError {
  override readonly name = 'ImageFileError';
  constructor(
    readonly path: string,
    readonly reason: string,
    readonly remedy: string,
  ) {
    super(`${path} ${reason}; ${remedy}`);
  }
}

/** The folder holds other files than those the grid was written for. */
export class ImageFolderChecksumError extends DatasetError {
  override readonly name = 'ImageFolderChecksumError';
  constructor(
    readonly folder: string,
    readonly expected: string,
    readonly got: string,
  ) {
    super(
      `${folder} has checksum ${got}, but dataset.checksum is ${expected}; ${DESCRIBE_COMMAND} ${folder} prints the new block`,
    );
  }
}

/** The folder holds another number of classes than the grid says. */
export class ClassCountError extends DatasetError {
  override readonly name = 'ClassCountError';
  constructor(
    readonly folder: string,
    readonly expected: number,
    readonly got: number,
  ) {
    super(
      `${folder} holds ${got} classes, but dataset.classes is ${expected}; ${DESCRIBE_COMMAND} ${folder} prints the new block`,
    );
  }
}

/** The images would not fit into memory. */
export class DecodedSizeError extends DatasetError {
  override readonly name = 'DecodedSizeError';
  constructor(
    readonly folder: string,
    readonly images: number,
    readonly bytes: number,
    readonly limit: number,
  ) {
    super(
      `${folder} holds ${images} images, ${bytes} bytes when decoded; at most ${limit} are allowed, so give a smaller dataset.height and dataset.width`,
    );
  }
}

/** The most common size of the images cannot be used as it is. */
export class ImageSizeError extends DatasetError {
  override readonly name = 'ImageSizeError';
  constructor(
    readonly folder: string,
    readonly height: number,
    readonly width: number,
  ) {
    super(
      `most images of ${folder} have ${height}×${width} pixels; sides of 8 to 512 can be used, so name others with --height and --width`,
    );
  }
}
