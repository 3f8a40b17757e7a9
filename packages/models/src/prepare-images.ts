// What a model does to pixels before its first layer: a border for images that are too small, then normalisation.
import * as tf from '@tensorflow/tfjs-core';
import type { Architecture, ImageShape, Normalisation } from './layer.ts';
import { LayerOrderError } from './plan-layers.ts';

/** Pixels of zeros that images of a shape get at each side. @throws LayerOrderError where they cannot be even. */
export function borderOf(
  { name, leastSide = 0 }: Architecture,
  [height, width, channels]: ImageShape,
): [number, number] {
  const missing = [height, width].map((side) => Math.max(0, leastSide - side));
  if (missing.some((pixels) => pixels % 2 === 1)) {
    const limit = `sides of ${leastSide} pixels, or an even number of pixels less`;
    throw new LayerOrderError(`border of ${name}`, [height, width, channels], limit);
  }
  return [missing[0] / 2, missing[1] / 2];
}

/** (x − mean) / std of images n·H·W·C with their border. */
export function prepareImages(
  images: tf.Tensor4D,
  [rows, columns]: readonly [number, number],
  normalisation: Normalisation | undefined,
): tf.Tensor4D {
  const margins: [number, number][] = [
    [0, 0],
    [rows, rows],
    [columns, columns],
    [0, 0],
  ];
  const bordered = rows + columns === 0 ? images : tf.pad(images, margins);
  if (normalisation === undefined) return bordered;
  const shift = tf.tensor1d(normalisation.mean.map((mean) => -mean));
  return tf.div(tf.add(bordered, shift), tf.tensor1d([...normalisation.std]));
}
