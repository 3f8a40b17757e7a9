// cropshift: a random crop put back at a random place of a black image (Li & Spratling 2023, arXiv:2301.09879).
import type { DrawStream } from '@reseed/rng';
import type { ImageMethod, ImageShape } from './image-method.ts';

export interface CropshiftOptions {
  /** fewest and, exclusive, most rows and columns cropped away together; [low, low] crops exactly `low` */
  readonly low: number;
  readonly high: number;
}

/**
 * The calls of the authors' torch code, in their order: strength = randint(low, high), cropX = randint(0, strength + 1)
 * columns go and strength − cropX rows, the crop starts at column fromX and row fromY and is put at column toX and row toY,
 * each uniform in what the crop leaves free.
 */
export function sampleCropshift(stream: DrawStream, { low, high }: CropshiftOptions): number[] {
  const strength = low === high ? low : stream.randint(low, high);
  const cropX = stream.randint(0, strength + 1);
  const cropY = strength - cropX;
  const fromX = stream.randint(0, cropX + 1);
  const fromY = stream.randint(0, cropY + 1);
  // The original pads by the crop on both sides and crops again, at the offset that is drawn here.
  const toX = cropX - stream.randint(0, cropX + 1);
  const toY = cropY - stream.randint(0, cropY + 1);
  return [strength, cropX, fromX, fromY, toX, toY];
}

export const CROPSHIFT_DRAWN = ['strength', 'cropX', 'fromX', 'fromY', 'toX', 'toY'] as const;

/** Writes the crop-shifted image to the start of `target`; the parameters stand in `parameters` from index `first`. */
export function applyCropshift(
  source: Uint8Array,
  sourceOffset: number,
  [height, width, channels]: ImageShape,
  parameters: readonly number[],
  first: number,
  target: Uint8Array,
): void {
  const cropX = parameters[first + 1];
  const rows = height - (parameters[first] - cropX);
  const values = (width - cropX) * channels;
  target.fill(0, 0, height * width * channels);
  for (let y = 0; y < rows; y += 1) {
    const from = sourceOffset + ((parameters[first + 3] + y) * width + parameters[first + 2]) * channels;
    const to = ((parameters[first + 5] + y) * width + parameters[first + 4]) * channels;
    for (let i = 0; i < values; i += 1) target[to + i] = source[from + i];
  }
}

export function cropshift(options: CropshiftOptions, shape: ImageShape): ImageMethod {
  return {
    name: 'cropshift',
    drawn: CROPSHIFT_DRAWN,
    sample: (stream) => sampleCropshift(stream, options),
    apply: (source, sourceOffset, parameters, first, target) =>
      applyCropshift(source, sourceOffset, shape, parameters, first, target),
  };
}
