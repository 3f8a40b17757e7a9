// Images with their classes, as every reader gives them.

/** One after the other: images uint8 N·H·W·C, labels uint8 N, 0…classes−1. */
export interface LabelledImages {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}
