// random_erasing: a rectangle of random area and aspect set to zero (Zhong et al. 2020, arXiv:1708.04896; torchvision's defaults).
import type { DrawStream } from '@reseed/rng';
import { eraseBox } from './cutout.ts';
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';
import { roundHalfEven } from './round-half-even.ts';

/** Share of the image's area. */
const AREA = [0.02, 0.33] as const;
/** Height over width, drawn on a logarithmic scale. */
const ASPECT = [Math.log(0.3), Math.log(3.3)] as const;
const TRIES = 10;
const NOTHING = [0, 0, 0, 0];

/**
 * At most ten tries of: area HW·uniform(0.02, 0.33), aspect exp(uniform(ln 0.3, ln 3.3)) and, once both sides are below
 * the image's, y, then x. Returns [y, x, h, w] in pixels; four zeros when no try fits.
 */
export function sampleErasedBox(stream: DrawStream, [height, width]: ImageShape): number[] {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const area = height * width * stream.uniform(...AREA);
    const aspect = Math.exp(stream.uniform(...ASPECT));
    const h = roundHalfEven(Math.sqrt(area * aspect));
    const w = roundHalfEven(Math.sqrt(area / aspect));
    if (h >= height || w >= width) continue;
    const y = stream.randint(0, height - h + 1);
    const x = stream.randint(0, width - w + 1);
    return [y, x, h, w];
  }
  return [...NOTHING];
}

/** u from one double; the box is drawn only when u is below `probability`, and is empty otherwise: [u, y, x, h, w]. */
export function sampleRandomErasing(stream: DrawStream, probability: number, shape: ImageShape): number[] {
  const u = stream.randomSample();
  return [u, ...(u < probability ? sampleErasedBox(stream, shape) : NOTHING)];
}

/** Erases the box [y, x, h, w] that stands in `parameters` from index `first`, in place. */
export function eraseDrawnBox(
  image: Uint8Array,
  shape: ImageShape,
  parameters: readonly number[],
  first: number,
): void {
  const top = parameters[first];
  const left = parameters[first + 1];
  eraseBox(image, shape, { top, left, bottom: top + parameters[first + 2], right: left + parameters[first + 3] });
}

export function randomErasing(probability: number, shape: ImageShape): ImageMethod {
  const size = imageSize(shape);
  return {
    name: 'random_erasing',
    drawn: ['u', 'y', 'x', 'h', 'w'],
    sample: (stream) => sampleRandomErasing(stream, probability, shape),
    apply(source, sourceOffset, parameters, first, target) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      eraseDrawnBox(target, shape, parameters, first + 1);
    },
  };
}
