// Images with their classes, as every reader gives them.

/** One after the other: images uint8 N·H·W·C, labels N, 0…classes−1; of more than 256 classes in 16 bits. */
export interface LabelledImages {
  readonly images: Uint8Array;
  readonly labels: Uint8Array | Uint16Array;
}

/** An array that holds the labels of so many classes. */
export const labelArray = (images: number, classes: number): LabelledImages['labels'] =>
  classes > 256 ? new Uint16Array(images) : new Uint8Array(images);
