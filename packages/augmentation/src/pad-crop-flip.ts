// pad_crop_flip: pad_crop, then a left-right mirror with probability 1/2, the standard augmentation for natural images.
import type { DrawStream } from '@reseed/rng';
import type { ImageMethod, ImageShape } from './image-method.ts';
import { cropWindow, samplePadCrop } from './pad-crop.ts';

/** dy, dx as pad_crop, then flip (0 or 1) from one double. */
export function samplePadCropFlip(stream: DrawStream, pad: number): number[] {
  const [dy, dx] = samplePadCrop(stream, pad);
  const flip = stream.randomSample() < 0.5 ? 1 : 0;
  return [dy, dx, flip];
}

/** Mirrors the columns of one uint8 H·W·C image at the start of `image`, in place. */
export function mirrorColumns(image: Uint8Array, [height, width, channels]: ImageShape): void {
  for (let y = 0; y < height; y += 1) {
    let left = y * width * channels;
    let right = left + (width - 1) * channels;
    for (; left < right; left += channels, right -= channels) {
      for (let c = 0; c < channels; c += 1) {
        const value = image[left + c];
        image[left + c] = image[right + c];
        image[right + c] = value;
      }
    }
  }
}

export function padCropFlip(pad: number, shape: ImageShape): ImageMethod {
  return {
    name: 'pad_crop_flip',
    drawn: ['dy', 'dx', 'flip'],
    sample: (stream) => samplePadCropFlip(stream, pad),
    // cifar10-fast chooses from [True, False]: option 0 flips.
    choices: { counts: [2 * pad + 1, 2 * pad + 1, 2], parametersOf: ([dy, dx, option]) => [dy, dx, 1 - option] },
    apply(source, sourceOffset, parameters, first, target) {
      cropWindow(source, sourceOffset, target, shape, parameters[first] - pad, parameters[first + 1] - pad);
      if (parameters[first + 2] === 1) mirrorColumns(target, shape);
    },
  };
}
