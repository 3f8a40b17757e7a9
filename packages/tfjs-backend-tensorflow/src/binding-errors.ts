// Why a binding cannot be built: one class for each thing that a person can put right.

/** Nothing lies at the path that was given. */
export class TensorflowMissingError extends Error {
  override readonly name = 'TensorflowMissingError';
  constructor(readonly path: string) {
    super(
      `there is no TensorFlow at ${path}: give a wheel (tensorflow-….whl) or the folder of an installed one (…/site-packages/tensorflow)`,
    );
  }
}

/** The file is no wheel of TensorFlow, or the folder no installation of it. */
export class NotTensorflowError extends Error {
  override readonly name = 'NotTensorflowError';
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path} is not TensorFlow for Python: ${reason}`);
  }
}

/** It is TensorFlow for another processor, system or C library. */
export class TensorflowPlatformError extends Error {
  override readonly name = 'TensorflowPlatformError';
  constructor(
    readonly path: string,
    readonly platforms: readonly string[],
    /** `linux x86_64, glibc 2.36` */
    readonly here: string,
  ) {
    super(`${path} is made for ${platforms.join(', ') || 'no platform that it names'}; this is ${here}`);
  }
}

/** Its version keeps the libraries or the C headers elsewhere, or has none: TensorFlow has both since 2.12. */
export class TensorflowIncompleteError extends Error {
  override readonly name = 'TensorflowIncompleteError';
  constructor(
    readonly path: string,
    readonly version: string,
    readonly missing: readonly string[],
  ) {
    super(`TensorFlow ${version} at ${path} lacks ${missing.join(', ')}, which the binding is linked to`);
  }
}

/** A folder of further libraries does not exist or holds none. */
export class LibraryFolderError extends Error {
  override readonly name = 'LibraryFolderError';
  constructor(
    readonly folder: string,
    readonly reason: string,
  ) {
    super(`${folder} cannot be searched for libraries: ${reason}`);
  }
}

export class NoCompilerError extends Error {
  override readonly name = 'NoCompilerError';
  constructor(
    readonly compiler: string,
    readonly reason: string,
  ) {
    super(
      `there is no C++ compiler that runs here: ${compiler}: ${reason} (Debian: apt-get install g++; CXX names another)`,
    );
  }
}

/** An npm package that the binding is made from did not come, or is not the one that was pinned. */
export class PackageFetchError extends Error {
  override readonly name = 'PackageFetchError';
  constructor(
    readonly packageName: string,
    readonly reason: string,
  ) {
    super(`${packageName} cannot be fetched from the npm registry: ${reason}`);
  }
}

/** The compiler, or the loader of the compiled file, refused. */
export class BindingBuildError extends Error {
  override readonly name = 'BindingBuildError';
  constructor(
    readonly step: 'compile' | 'load',
    readonly version: string,
    readonly reason: string,
  ) {
    super(`the binding does not ${step} against TensorFlow ${version}: ${reason}`);
  }
}
