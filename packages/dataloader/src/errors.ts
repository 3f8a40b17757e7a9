// The ways in which a loader can be asked for something that PyTorch's DataLoader cannot do or that has no meaning.

/** A count or index outside its limits. */
export class LoaderRangeError extends RangeError {
  override readonly name = 'LoaderRangeError';
  constructor(
    readonly field: string,
    readonly value: number,
    readonly minimum: number,
    readonly maximum: number,
  ) {
    super(`${field} is ${value}; it must be a whole number from ${minimum} to ${maximum}`);
  }
}

/** dropLast with fewer samples than one batch: an epoch would hold nothing. */
export class NoFullBatchError extends RangeError {
  override readonly name = 'NoFullBatchError';
  constructor(
    readonly sampleCount: number,
    readonly batchSize: number,
  ) {
    super(`dropLast leaves no batch: batchSize is ${batchSize}, but there are only ${sampleCount} samples`);
  }
}

/** Copies of an image may not be torn apart by a border between batches. */
export class BatchRepeatError extends RangeError {
  override readonly name = 'BatchRepeatError';
  constructor(
    readonly batchRepeat: number,
    readonly batchSize: number,
  ) {
    super(`batchRepeat is ${batchRepeat}; it must divide batchSize ${batchSize}`);
  }
}

/** single_process means that no worker exists, so it cannot be combined with workers. */
export class WorkersNotAllowedError extends RangeError {
  override readonly name = 'WorkersNotAllowedError';
  constructor(readonly workers: number) {
    super(`seedingMode single_process draws in the parent process: workers is ${workers}, it must be 0`);
  }
}

/** An augmentation that draws where its seeding mode has no stream. */
export class DrawsNotServedError extends TypeError {
  override readonly name = 'DrawsNotServedError';
  constructor(
    readonly seedingMode: string,
    readonly refused: 'draws per sample' | 'draws per batch' | 'draws that are not choices among fixed options',
  ) {
    super(`seedingMode ${seedingMode} does not serve ${refused}`);
  }
}

/** A loader generator together with the decoupled order, which never reads it. */
export class GeneratorSeedUnusedError extends RangeError {
  override readonly name = 'GeneratorSeedUnusedError';
  constructor(readonly generatorSeed: number) {
    super(`generatorSeed is ${generatorSeed}, but order decoupled reads no loader generator; use order torch_exact`);
  }
}
