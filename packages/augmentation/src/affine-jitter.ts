// affine_jitter: a small rotation, shift and scaling (Simard et al. 2003; torchvision's RandomAffine, nearest neighbour).
import type { DrawStream } from '@reseed/rng';
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';
import { affineMap, warpImage } from './warp-image.ts';

export interface AffineJitterOptions {
  /** largest rotation in degrees */
  readonly degrees: number;
  /** largest shift in whole pixels, in x and in y */
  readonly translate: number;
  /** largest change of the scale 1, below 1 */
  readonly scale: number;
}

/** deg = uniform(−degrees, degrees), tx and ty = randint(−translate, translate + 1), s = uniform(1 − scale, 1 + scale). */
export function sampleAffineJitter(stream: DrawStream, { degrees, translate, scale }: AffineJitterOptions): number[] {
  const angle = stream.uniform(-degrees, degrees);
  const tx = stream.randint(-translate, translate + 1);
  const ty = stream.randint(-translate, translate + 1);
  const factor = stream.uniform(1 - scale, 1 + scale);
  return [angle, tx, ty, factor];
}

/** About the image centre, clockwise for positive angles, as torchvision's affine. */
export function affineJitter(options: AffineJitterOptions, shape: ImageShape): ImageMethod {
  const size = imageSize(shape);
  const scratch = new Uint8Array(size);
  return {
    name: 'affine_jitter',
    drawn: ['angle', 'tx', 'ty', 'scale'],
    sample: (stream) => sampleAffineJitter(stream, options),
    apply(source, sourceOffset, parameters, first, target) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      const [angle, tx, ty, scale] = parameters.slice(first, first + 4);
      warpImage(target, shape, scratch, affineMap({ angle, translate: [tx, ty], scale }));
    },
  };
}
