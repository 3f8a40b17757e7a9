// cutmix_sample: CutMix inside `__getitem__`, each image with a partner of its own (Yun et al. 2019, arXiv:1905.04899).
import type { DrawStream } from '@reseed/rng';
import { cutmixBox, pasteBox } from './cutmix-box.ts';
import { RawImagesMissingError } from './errors.ts';
import { type ImageMethod, type ImageShape, imageSize } from './image-method.ts';

export interface CutmixSampleOptions {
  /** λ ~ Beta(beta, beta) */
  readonly beta: number;
  /** chance in [0, 1] that an image is mixed at all */
  readonly probability: number;
  /** fixed side of the box in pixels */
  readonly window?: number | undefined;
  /** training images that a partner is drawn from, itself included */
  readonly sampleCount: number;
}

/** Always five draws, so that streams stay aligned: u, λ, partner in 0…sampleCount−1, cy, cx. */
export function sampleCutmixSample(
  stream: DrawStream,
  { beta, sampleCount }: CutmixSampleOptions,
  [height, width]: ImageShape,
): number[] {
  const u = stream.randomSample();
  const lambda = stream.beta(beta, beta);
  const partner = stream.randint(0, sampleCount);
  const cy = stream.randint(0, height);
  const cx = stream.randint(0, width);
  return [u, lambda, partner, cy, cx];
}

/**
 * The partner is pasted as it is in the dataset, whatever stands before this item in a list, and the label of the image
 * becomes soft. Images with u ≥ probability stay as they are. λ is drawn with a fixed window too, and not used.
 */
export function cutmixSample(options: CutmixSampleOptions, shape: ImageShape): ImageMethod {
  const size = imageSize(shape);
  const boxOf = (parameters: readonly number[], first: number) =>
    parameters[first] < options.probability
      ? cutmixBox(parameters[first + 1], parameters[first + 3], parameters[first + 4], shape, options.window)
      : undefined;
  return {
    name: 'cutmix_sample',
    drawn: ['u', 'lambda', 'partner', 'cy', 'cx'],
    sample: (stream) => sampleCutmixSample(stream, options, shape),
    apply(source, sourceOffset, parameters, first, target, rawImage) {
      target.set(source.subarray(sourceOffset, sourceOffset + size));
      if (rawImage === undefined) throw new RawImagesMissingError('cutmix_sample');
      const box = boxOf(parameters, first);
      if (box !== undefined) pasteBox(rawImage(parameters[first + 2]), 0, target, 0, shape, box);
    },
    partner: (parameters, first) => ({
      index: parameters[first + 2],
      share: 1 - (boxOf(parameters, first)?.kept ?? 1),
    }),
  };
}
