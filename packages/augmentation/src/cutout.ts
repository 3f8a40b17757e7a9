// cutout: a square centred on a random pixel, clipped at the border, set to zero (DeVries & Taylor 2017, arXiv:1708.04552).
import type { DrawStream } from '@reseed/rng';
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';

/** cy uniform in 0…H−1, then cx in 0…W−1. */
export function sampleCutout(stream: DrawStream, [height, width]: ImageShape): number[] {
  const cy = stream.randint(0, height);
  const cx = stream.randint(0, width);
  return [cy, cx];
}

/** Sets rows top…bottom−1 and columns left…right−1, clipped at the border, of one uint8 H·W·C image to zero, in place. */
export function eraseBox(
  image: Uint8Array,
  [height, width, channels]: ImageShape,
  box: { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number },
): void {
  const bottom = Math.min(height, box.bottom);
  const left = Math.max(0, box.left) * channels;
  const right = Math.min(width, box.right) * channels;
  for (let y = Math.max(0, box.top); y < bottom; y += 1) {
    const row = y * width * channels;
    for (let x = left; x < right; x += 1) image[row + x] = 0;
  }
}

/**
 * Sets rows cy−⌊length/2⌋ … cy+⌊length/2⌋−1 and the like columns of one uint8 H·W·C image to zero, in place. As in the
 * authors' code an odd `length` erases a square of side length − 1, and length 1 erases nothing.
 */
export function eraseSquare(image: Uint8Array, shape: ImageShape, length: number, cy: number, cx: number): void {
  const half = Math.floor(length / 2);
  eraseBox(image, shape, { top: cy - half, bottom: cy + half, left: cx - half, right: cx + half });
}

export function cutout(length: number, shape: ImageShape): ImageMethod {
  const [height, width] = shape;
  const size = imageSize(shape);
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
