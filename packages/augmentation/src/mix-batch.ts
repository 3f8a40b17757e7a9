// Applies the methods that draw per batch to a collated batch: what a collate_fn with mixing does, in place.
import { BatchShapeError } from './errors.ts';
import type { BatchMethod, BatchPixels } from './image-method.ts';

/** The values drawn for one batch: a flat list per batch item, in list order. */
export type BatchParameters = readonly (readonly number[])[];

/** The batch as it is before a method mixes it, in memory that is kept from batch to batch. */
class BatchCopy {
  #images = new Float32Array(0);
  #labels = new Float32Array(0);

  of({ images, labels }: BatchPixels): BatchPixels {
    if (this.#images.length < images.length) this.#images = new Float32Array(images.length);
    if (this.#labels.length < labels.length) this.#labels = new Float32Array(labels.length);
    this.#images.set(images);
    this.#labels.set(labels);
    return { images: this.#images.subarray(0, images.length), labels: this.#labels.subarray(0, labels.length) };
  }
}

function checkBatch(
  { images, labels }: BatchPixels,
  imageValues: number,
  classes: number | undefined,
): { readonly size: number } {
  const size = images.length / imageValues;
  if (!Number.isInteger(size) || size === 0) {
    throw new BatchShapeError('images', images.length, `a multiple of the ${imageValues} values of an image`);
  }
  const rows = labels.length / size;
  if (classes === undefined ? !Number.isInteger(rows) || rows === 0 : rows !== classes) {
    throw new BatchShapeError('labels', labels.length, `${size} rows of ${classes ?? 'as many'} classes`);
  }
  return { size };
}

/**
 * Mixes with each method in turn, by its entry of `parameters`.
 * @param imageValues values of one image
 */
export function createMix(
  methods: readonly BatchMethod[],
  imageValues: number,
  classes: number | undefined,
): (images: Float32Array, labels: Float32Array, parameters: BatchParameters) => void {
  const copy = new BatchCopy();
  return (images, labels, parameters) => {
    const batch = { images, labels };
    const { size } = checkBatch(batch, imageValues, classes);
    methods.forEach((method, at) => method.mix(copy.of(batch), batch, size, parameters[at]));
  };
}
