// Posterise, solarise, invert, autocontrast and equalise of a uint8 image: each channel goes through a table of 256 values.
import { type ImageShape, imageSize } from './image-method.ts';

/** Keeps the upper `bits` bits (0…8) of every value, in place. */
export function posterize(image: Uint8Array, shape: ImageShape, bits: number): void {
  const mask = -(2 ** (8 - bits));
  for (let i = 0; i < imageSize(shape); i += 1) image[i] &= mask;
}

/** Turns values from `threshold` on into 255 − value, in place. */
export function solarize(image: Uint8Array, shape: ImageShape, threshold: number): void {
  for (let i = 0; i < imageSize(shape); i += 1) if (image[i] >= threshold) image[i] = 255 - image[i];
}

/** Turns every value into 255 − value, in place. */
export function invert(image: Uint8Array, shape: ImageShape): void {
  solarize(image, shape, 0);
}

/**
 * Stretches each channel to 0…255, in place; a flat one stays. torch divides a number by a tensor through the reciprocal,
 * in float32, and the result is truncated: the brightest value may become 254.
 */
export function autocontrast(image: Uint8Array, shape: ImageShape): void {
  const channels = shape[2];
  const size = imageSize(shape);
  for (let channel = 0; channel < channels; channel += 1) {
    let low = 255;
    let high = 0;
    for (let i = channel; i < size; i += channels) {
      low = Math.min(low, image[i]);
      high = Math.max(high, image[i]);
    }
    if (low === high) continue;
    const scale = Math.fround(255 * Math.fround(1 / (high - low)));
    for (let i = channel; i < size; i += channels) {
      image[i] = Math.min(255, Math.trunc(Math.fround((image[i] - low) * scale)));
    }
  }
}

/** Makes the values of each channel equally frequent, in place, with PIL's table; what has too few pixels stays. */
export function equalize(image: Uint8Array, shape: ImageShape): void {
  const channels = shape[2];
  const size = imageSize(shape);
  const counts = new Uint32Array(256);
  const table = new Uint8Array(256);
  for (let channel = 0; channel < channels; channel += 1) {
    counts.fill(0);
    let brightest = 0;
    for (let i = channel; i < size; i += channels) {
      counts[image[i]] += 1;
      brightest = Math.max(brightest, image[i]);
    }
    const step = Math.floor((size / channels - counts[brightest]) / 255);
    if (step === 0) continue;
    let below = Math.floor(step / 2);
    for (let value = 0; value < 256; value += 1) {
      // The first entry is 0 whatever the step; the others count the pixels of all darker values.
      table[value] = value === 0 ? 0 : Math.min(255, Math.floor(below / step));
      below += counts[value];
    }
    for (let i = channel; i < size; i += channels) image[i] = table[image[i]];
  }
}
