// The image operators of AutoAugment, RandAugment and TrivialAugment by name, with torchvision's meaning of a magnitude.
import { adjustBrightness, adjustColour, adjustContrast, adjustSharpness } from './blend-operators.ts';
import type { ImageShape } from './image-method.ts';
import { autocontrast, equalize, invert, posterize, solarize } from './table-operators.ts';
import { affineMap, warpImage } from './warp-image.ts';

/** The fourteen that RandAugment and TrivialAugment draw from, in torchvision's order. */
export const OPERATORS = [
  'identity',
  'shear_x',
  'shear_y',
  'translate_x',
  'translate_y',
  'rotate',
  'brightness',
  'color',
  'contrast',
  'sharpness',
  'posterize',
  'solarize',
  'auto_contrast',
  'equalize',
] as const;

/** `invert` is in AutoAugment only. */
export type OperatorName = (typeof OPERATORS)[number] | 'invert';

const degrees = (radians: number): number => (radians * 180) / Math.PI;

/**
 * Applies an operator to one uint8 H·W·C image, in place; `scratch` holds as many values. The magnitude is a slope
 * (shear, about the top left corner), whole pixels (translate), degrees anticlockwise (rotate), factor − 1 (brightness,
 * colour, contrast, sharpness), bits kept (posterize) or a threshold (solarize). `color` leaves a grey image as it is.
 */
export function applyOperator(
  name: OperatorName,
  magnitude: number,
  image: Uint8Array,
  shape: ImageShape,
  scratch: Uint8Array,
): void {
  const slope = () => degrees(Math.atan(magnitude));
  switch (name) {
    case 'identity':
      return;
    case 'shear_x':
      return warpImage(image, shape, scratch, affineMap({ shear: [slope(), 0], centre: 'top left corner' }));
    case 'shear_y':
      return warpImage(image, shape, scratch, affineMap({ shear: [0, slope()], centre: 'top left corner' }));
    case 'translate_x':
      return warpImage(image, shape, scratch, affineMap({ translate: [Math.trunc(magnitude), 0] }));
    case 'translate_y':
      return warpImage(image, shape, scratch, affineMap({ translate: [0, Math.trunc(magnitude)] }));
    case 'rotate':
      return warpImage(image, shape, scratch, affineMap({ angle: -magnitude }));
    case 'brightness':
      return adjustBrightness(image, shape, 1 + magnitude);
    case 'color':
      return adjustColour(image, shape, 1 + magnitude);
    case 'contrast':
      return adjustContrast(image, shape, 1 + magnitude);
    case 'sharpness':
      return adjustSharpness(image, shape, 1 + magnitude, scratch);
    case 'posterize':
      return posterize(image, shape, Math.trunc(magnitude));
    case 'solarize':
      return solarize(image, shape, magnitude);
    case 'auto_contrast':
      return autocontrast(image, shape);
    case 'equalize':
      return equalize(image, shape);
    case 'invert':
      return invert(image, shape);
  }
}
