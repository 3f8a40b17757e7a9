// cutout_inside: a square that lies wholly inside the image, set to zero (Page's cifar10-fast; Rice et al. 2020, arXiv:2002.11569).
import type { DrawStream } from '@reseed/rng';
import { eraseBox } from './cutout.ts';
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';

/** y0 uniform in 0…H−length, then x0 in 0…W−length. @throws DrawRangeError when the square is larger than the image */
export function sampleCutoutInside(stream: DrawStream, length: number, [height, width]: ImageShape): number[] {
  const y0 = stream.randint(0, height - length + 1);
  const x0 = stream.randint(0, width - length + 1);
  return [y0, x0];
}

/** Sets rows y0…y0+length−1 and columns x0…x0+length−1 of one uint8 H·W·C image to zero, in place. */
export function eraseInside(image: Uint8Array, shape: ImageShape, length: number, y0: number, x0: number): void {
  eraseBox(image, shape, { top: y0, bottom: y0 + length, left: x0, right: x0 + length });
}

export function cutoutInside(length: number, shape: ImageShape): ImageMethod {
  const [height, width] = shape;
  const size = imageSize(shape);
  return {
    name: 'cutout_inside',
    drawn: ['y0', 'x0'],
    sample: (stream) => sampleCutoutInside(stream, length, shape),
    choices: { counts: [height - length + 1, width - length + 1], parametersOf: (chosen) => [...chosen] },
    apply(source, sourceOffset, parameters, first, target) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      eraseInside(target, shape, length, parameters[first], parameters[first + 1]);
    },
  };
}
