// hflip: a left-right mirror with probability 1/2 (Krizhevsky et al. 2012); it changes what some handwritten digits are.
import type { DrawStream } from '@reseed/rng';
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';

/** 1 (mirror) or 0 from one double. */
export function sampleFlip(stream: DrawStream): number {
  return stream.randomSample() < 0.5 ? 1 : 0;
}

/** cifar10-fast chooses from [True, False]: option 0 flips. */
export function flipOfOption(option: number): number {
  return 1 - option;
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

export function hflip(shape: ImageShape): ImageMethod {
  const size = imageSize(shape);
  return {
    name: 'hflip',
    drawn: ['flip'],
    sample: (stream) => [sampleFlip(stream)],
    choices: { counts: [2], parametersOf: ([option]) => [flipOfOption(option)] },
    apply(source, sourceOffset, parameters, first, target) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      if (parameters[first] === 1) mirrorColumns(target, shape);
    },
  };
}
