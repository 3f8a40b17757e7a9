// pad_crop_flip: pad_crop, then a left-right mirror with probability 1/2, the standard augmentation for natural images.
import type { DrawStream } from '@reseed/rng';
import { flipOfOption, mirrorColumns, sampleFlip } from './hflip.ts';
import type { ImageMethod, ImageShape } from './image-method.ts';
import { type BorderFill, cropOf, samplePadCrop } from './pad-crop.ts';

/** dy, dx as pad_crop, then flip (0 or 1) from one double. */
export function samplePadCropFlip(stream: DrawStream, pad: number): number[] {
  const [dy, dx] = samplePadCrop(stream, pad);
  return [dy, dx, sampleFlip(stream)];
}

export function padCropFlip(pad: number, fill: BorderFill, shape: ImageShape): ImageMethod {
  const crop = cropOf(fill);
  return {
    name: 'pad_crop_flip',
    drawn: ['dy', 'dx', 'flip'],
    sample: (stream) => samplePadCropFlip(stream, pad),
    choices: {
      counts: [2 * pad + 1, 2 * pad + 1, 2],
      parametersOf: ([dy, dx, option]) => [dy, dx, flipOfOption(option)],
    },
    apply(source, sourceOffset, parameters, first, target) {
      crop(source, sourceOffset, target, shape, parameters[first] - pad, parameters[first + 1] - pad);
      if (parameters[first + 2] === 1) mirrorColumns(target, shape);
    },
  };
}
