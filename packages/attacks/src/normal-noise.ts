// Normal random starts in PyTorch's drawing order: near the image (TRADES, Zhang et al. 2019) and within L2 (Rice et al. 2020).
import type { NumpyRandomState } from '@reseed/rng';

/** Height, width, channels. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Calls `draw` in the order (n, C, H, W) and lays the values out as NHWC. `out` holds a whole number of images. */
export function fillChannelsFirst(out: Float32Array, [height, width, channels]: ImageShape, draw: () => number): void {
  const pixels = height * width;
  for (let image = 0; image < out.length; image += pixels * channels) {
    for (let channel = 0; channel < channels; channel++) {
      for (let pixel = 0; pixel < pixels; pixel++) out[image + pixel * channels + channel] = draw();
    }
  }
}

/** `deviation` · N(0, 1), the start of TRADES and MART with deviation 0.001. */
export function fillNormalNoise(
  stream: NumpyRandomState,
  out: Float32Array,
  imageShape: ImageShape,
  deviation: number,
): void {
  fillChannelsFirst(out, imageShape, () => deviation * stream.standardNormal());
}

/**
 * The start within an L2 ball: per image a normal direction of length r·epsilon, r uniform in [0, 1). All directions are
 * drawn first, then the r of every image.
 */
export function fillL2Noise(
  stream: NumpyRandomState,
  out: Float32Array,
  imageShape: ImageShape,
  epsilon: number,
): void {
  fillNormalNoise(stream, out, imageShape, 1);
  const [height, width, channels] = imageShape;
  const size = height * width * channels;
  for (let image = 0; image < out.length; image += size) {
    scaleToLength(out.subarray(image, image + size), stream.randomSample() * epsilon);
  }
}

/** Scales a vector, in place, to that Euclidean length; a zero vector stays. */
export function scaleToLength(vector: Float32Array, length: number): void {
  let squared = 0;
  for (const value of vector) squared += value * value;
  if (squared === 0) return;
  const factor = length / Math.sqrt(squared);
  for (let i = 0; i < vector.length; i++) vector[i] *= factor;
}
