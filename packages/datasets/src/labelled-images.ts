// Images with their classes, as every reader gives them.

/**
 * Images uint8 H·W·C one after the other, labels 0…classes−1; of more than 256 classes in 16 bits. Label i is that of image
 * `indices[i]`, or of image i where there are no indices.
 */
export interface LabelledImages {
  readonly images: Uint8Array;
  readonly labels: Uint8Array | Uint16Array;
  readonly indices?: Int32Array;
}

/** Where the image of label `image` begins. @param size values of one image */
export const imageOffset = ({ indices }: LabelledImages, image: number, size: number): number =>
  (indices === undefined ? image : indices[image]) * size;

/** An array that holds the labels of so many classes. */
export const labelArray = (images: number, classes: number): LabelledImages['labels'] =>
  classes > 256 ? new Uint16Array(images) : new Uint8Array(images);

/** Zeros that every thread of the process can read: a dataset is held once, whoever prepares batches of it. */
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));
