// The true class of every image, from class ids or from one-hot rows.
import * as tf from '@tensorflow/tfjs-core';
import { LabelMismatchError, SoftLabelsError } from './errors.ts';

/** Class ids, or one-hot rows [n, classes]. */
export type Labels = Int32Array | Uint8Array | Uint16Array | tf.Tensor2D;

/**
 * Class ids of `count` images.
 * @throws LabelMismatchError unless there are `count` of them; SoftLabelsError when a row is not one 1 among zeros
 */
export async function classLabels(labels: Labels, count: number): Promise<Int32Array> {
  const isTensor = labels instanceof tf.Tensor;
  const given = isTensor ? labels.shape[0] : labels.length;
  if (given !== count) throw new LabelMismatchError('count', given, `${count}, one per image`);
  return isTensor ? hardClasses(await labels.data(), labels.shape[1]) : Int32Array.from(labels);
}

function hardClasses(values: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: values.length / classes }, (_, image) => {
    const row = Array.from({ length: classes }, (_value, k) => values[image * classes + k]);
    const ones = row.filter((value) => value === 1).length;
    if (ones !== 1 || row.some((value) => value !== 0 && value !== 1)) throw new SoftLabelsError(image);
    return row.indexOf(1);
  });
}

/** @throws LabelMismatchError for a label that is no class of the model */
export function checkClasses(labels: Int32Array, classes: number): void {
  const bad = labels.find((label) => !(label >= 0 && label < classes));
  if (bad !== undefined) throw new LabelMismatchError('class', bad, `from 0 to ${classes - 1}`);
}
