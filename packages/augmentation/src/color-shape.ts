// ColorShape, the middle layer of IDBH: one of eight colour and shape operators (Li & Spratling 2023, arXiv:2301.09879).
import type { DrawStream } from '@reseed/rng';
import type { ImageShape } from './image-method.ts';
import { adjustBrightness, adjustColour, adjustContrast, adjustSharpness } from './blend-operators.ts';
import { autocontrast, equalize } from './table-operators.ts';
import { affineMap, warpImage } from './warp-image.ts';

const KINDS = ['color', 'brightness', 'contrast', 'sharpness', 'auto_contrast', 'equalize', 'shear', 'rotate'] as const;

export const COLOR_SHAPE_DRAWN = ['op', 'strength', 'sign', 'axis'] as const;

/**
 * op = randint(8), each with the authors' probability 1/8; strength from one double in [0, 1); sign = randint(2), 1 being
 * negative; axis = randint(2), 1 being x. Always four draws: the original leaves out those that an operator does not use.
 */
export function sampleColorShape(stream: DrawStream): number[] {
  const op = stream.randint(0, KINDS.length);
  const strength = stream.randomSample();
  const sign = stream.randint(0, 2);
  const axis = stream.randint(0, 2);
  return [op, strength, sign, axis];
}

/**
 * Applies what was drawn to one uint8 H·W·C image, in place. Factors are 0.1–1.9 (colour, sharpness) and 0.5–1.9
 * (brightness, contrast), the shear is 0.05–0.15 radians about the image centre, the rotation 1–10 whole degrees.
 */
export function applyColorShape(
  image: Uint8Array,
  shape: ImageShape,
  parameters: readonly number[],
  first: number,
  scratch: Uint8Array,
): void {
  const between = (low: number, high: number) => low + (high - low) * parameters[first + 1];
  const sign = parameters[first + 2] === 1 ? -1 : 1;
  const kind = KINDS[parameters[first]];
  switch (kind) {
    case 'color':
      return adjustColour(image, shape, between(0.1, 1.9));
    case 'brightness':
      return adjustBrightness(image, shape, between(0.5, 1.9));
    case 'contrast':
      return adjustContrast(image, shape, between(0.5, 1.9));
    case 'sharpness':
      return adjustSharpness(image, shape, between(0.1, 1.9), scratch);
    case 'auto_contrast':
      return autocontrast(image, shape);
    case 'equalize':
      return equalize(image, shape);
    case 'shear': {
      const degrees = (sign * between(0.05, 0.15) * 180) / Math.PI;
      const shear = parameters[first + 3] === 1 ? ([degrees, 0] as const) : ([0, degrees] as const);
      return warpImage(image, shape, scratch, affineMap({ shear }));
    }
    case 'rotate':
      return warpImage(image, shape, scratch, affineMap({ angle: -sign * Math.floor(between(1, 11)) }));
  }
}
