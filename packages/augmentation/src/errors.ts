// The ways in which an augmentation can be compiled or applied without what it needs.

/** An option of compileAugmentation that this augmentation cannot do without. */
export class OptionMissingError extends TypeError {
  override readonly name = 'OptionMissingError';
  constructor(
    readonly augmentation: string,
    readonly option: 'classes' | 'sampleCount',
  ) {
    super(`${augmentation} needs the option ${option}`);
  }
}

/** An augmentation that pastes from another image was applied without a reader of the raw images. */
export class RawImagesMissingError extends TypeError {
  override readonly name = 'RawImagesMissingError';
  constructor(readonly augmentation: string) {
    super(`${augmentation} takes pixels from another image: apply needs a reader of the raw images`);
  }
}

/** A list in which an item that draws per sample stands after one that draws per batch: samples are drawn first. */
export class ItemOrderError extends TypeError {
  override readonly name = 'ItemOrderError';
  constructor(
    readonly item: string,
    readonly after: string,
  ) {
    super(`${item} draws per sample and cannot stand after ${after}, which draws per batch`);
  }
}

/** A batch whose lengths do not fit each other or the augmentation. */
export class BatchShapeError extends RangeError {
  override readonly name = 'BatchShapeError';
  constructor(
    readonly field: 'images' | 'labels' | 'permutation',
    readonly length: number,
    readonly expected: string,
  ) {
    super(`${field} has ${length} values; expected ${expected}`);
  }
}
