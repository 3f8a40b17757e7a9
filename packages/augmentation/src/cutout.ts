// cutout: a square centred on a random pixel, clipped at the border, set to zero (DeVries & Taylor 2017, arXiv:1708.04552).
import type { DrawStream } from '@reseed/rng';
import type { ImageMethod, ImageShape } from './image-method.ts';

/** cy uniform in 0…H−1, then cx in 0…W−1. */
export function sampleCutout(stream: DrawStream, [height, width]: ImageShape): number[] {
  const cy = stream.randint(0, height);
  const cx = stream.randint(0, width);
  return [cy, cx];
}

/**
 * Sets rows cy−⌊length/2⌋ … cy+⌊length/2⌋−1 and the like columns of one uint8 H·W·C image to zero, in place. As in the
 * authors' code an odd `length` erases a square of side length − 1, and length 1 erases nothing.
 */
export function eraseSquare(
  image: Uint8Array,
  [height, width, channels]: ImageShape,
  length: number,
  cy: number,
  cx: number,
): void {
  const half = Math.floor(length / 2);
  const bottom = Math.min(height, cy + half);
  const left = Math.max(0, cx - half) * channels;
  const right = Math.min(width, cx + half) * channels;
  for (let y = Math.max(0, cy - half); y < bottom; y += 1) {
    const row = y * width * channels;
    for (let x = left; x < right; x += 1) image[row + x] = 0;
  }
}

export function cutout(length: number, shape: ImageShape): ImageMethod {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  return {
    name: 'cutout',
    drawn: ['cy', 'cx'],
    sample: (stream) => sampleCutout(stream, shape),
    choices: { counts: [height, width], parametersOf: (chosen) => [...chosen] },
    apply(source, sourceOffset, parameters, first, target) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      eraseSquare(target, shape, length, parameters[first], parameters[first + 1]);
    },
  };
}
