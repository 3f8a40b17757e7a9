// idbh: cropshift, ColorShape, then random_erasing, found by search for adversarial training (Li & Spratling 2023, arXiv:2301.09879).
import { applyColorShape, COLOR_SHAPE_DRAWN, sampleColorShape } from './color-shape.ts';
import { applyCropshift, CROPSHIFT_DRAWN, type CropshiftOptions, sampleCropshift } from './cropshift.ts';
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';
import { eraseDrawnBox, sampleRandomErasing } from './random-erasing.ts';

export interface IdbhOptions extends CropshiftOptions {
  /** of random_erasing: 0.5 in the authors' weak variant, 1 in the strong one */
  readonly probability: number;
}

const COLOR_SHAPE_AT = CROPSHIFT_DRAWN.length;
const ERASING_AT = COLOR_SHAPE_AT + COLOR_SHAPE_DRAWN.length;

/** Draws its three parts one after the other. The authors' flip is not part of it: write ["hflip", "idbh"]. */
export function idbh({ probability, ...crop }: IdbhOptions, shape: ImageShape): ImageMethod {
  const scratch = new Uint8Array(imageSize(shape));
  return {
    name: 'idbh',
    drawn: [...CROPSHIFT_DRAWN, ...COLOR_SHAPE_DRAWN.map((value) => `color_shape.${value}`), 'u', 'y', 'x', 'h', 'w'],
    sample: (stream) => [
      ...sampleCropshift(stream, crop),
      ...sampleColorShape(stream),
      ...sampleRandomErasing(stream, probability, shape),
    ],
    apply(source, sourceOffset, parameters, first, target) {
      applyCropshift(source, sourceOffset, shape, parameters, first, target);
      applyColorShape(target, shape, parameters, first + COLOR_SHAPE_AT, scratch);
      eraseDrawnBox(target, shape, parameters, first + ERASING_AT + 1);
    },
  };
}
