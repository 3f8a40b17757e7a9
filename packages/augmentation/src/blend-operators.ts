// Brightness, colour, contrast and sharpness of a uint8 image, as torchvision blends tensors: float32, clamped, truncated.
import { type ImageShape, imageSize } from './image-method.ts';
import { roundHalfEven } from './round-half-even.ts';

const round = Math.fround;
const SHARPNESS_CENTRE = 5;
/** The kernel [[1,1,1],[1,5,1],[1,1,1]] sums to this. */
const SHARPNESS_SUM = 13;

/** ratio·a + (1 − ratio)·b of a pixel value a and a value b, each product and the sum rounded to float32. */
function blend(a: number, b: number, ratio: number): number {
  const sum = round(round(round(ratio) * a) + round(round(1 - ratio) * b));
  return Math.trunc(Math.min(255, Math.max(0, sum)));
}

/** The luma of the RGB pixel at `at`, truncated to a whole number (ITU-R 601-2 as torchvision rounds its weights). */
function greyLevel(image: Uint8Array, at: number): number {
  const red = round(round(0.2989) * image[at]);
  const green = round(round(0.587) * image[at + 1]);
  const blue = round(round(0.114) * image[at + 2]);
  return Math.trunc(round(round(red + green) + blue));
}

/** Blends one H·W·C image with black, in place; factor 0 is black, 1 the image, 2 twice as bright. */
export function adjustBrightness(image: Uint8Array, shape: ImageShape, factor: number): void {
  const size = imageSize(shape);
  for (let i = 0; i < size; i += 1) image[i] = blend(image[i], 0, factor);
}

/** Blends one H·W·C image with its grey levels, in place; an image that is not RGB stays as it is. */
export function adjustColour(image: Uint8Array, shape: ImageShape, factor: number): void {
  if (shape[2] !== 3) return;
  const size = imageSize(shape);
  for (let at = 0; at < size; at += 3) {
    const grey = greyLevel(image, at);
    for (let c = at; c < at + 3; c += 1) image[c] = blend(image[c], grey, factor);
  }
}

/** Blends one H·W·C image with the mean of its grey levels, in place. */
export function adjustContrast(image: Uint8Array, shape: ImageShape, factor: number): void {
  const size = imageSize(shape);
  const step = shape[2] === 3 ? 3 : 1;
  let sum = 0;
  for (let at = 0; at < size; at += step) sum += step === 3 ? greyLevel(image, at) : image[at];
  const mean = round(sum / (size / step));
  for (let i = 0; i < size; i += 1) image[i] = blend(image[i], mean, factor);
}

/**
 * Blends one H·W·C image with its blurred self, in place; `scratch` holds as many values. Pixels at the border are blended
 * with themselves, which may take 1 off them by rounding; an image of one or two rows or columns stays as it is.
 */
export function adjustSharpness(image: Uint8Array, shape: ImageShape, factor: number, scratch: Uint8Array): void {
  const [height, width, channels] = shape;
  if (height <= 2 || width <= 2) return;
  const size = imageSize(shape);
  const row = width * channels;
  for (let i = 0; i < size; i += 1) scratch[i] = image[i];
  for (let i = 0; i < size; i += 1) {
    const x = i % row;
    const inside = i >= row && i < size - row && x >= channels && x < row - channels;
    const blurred = inside ? blurredValue(scratch, i, row, channels) : scratch[i];
    image[i] = blend(scratch[i], blurred, factor);
  }
}

/** The value at `i` under torchvision's 3 × 3 kernel, rounded; `row` and `channels` lead to its neighbours. */
function blurredValue(values: Uint8Array, i: number, row: number, channels: number): number {
  let sum = (SHARPNESS_CENTRE - 1) * values[i];
  for (let near = i - row; near <= i + row; near += row) {
    sum += values[near - channels] + values[near] + values[near + channels];
  }
  return roundHalfEven(sum / SHARPNESS_SUM);
}
