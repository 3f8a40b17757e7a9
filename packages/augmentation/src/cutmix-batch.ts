// cutmix_batch: CutMix with one λ, one box and one permutation for the whole batch (Yun et al. 2019, arXiv:1905.04899).
import type { DrawStream } from '@reseed/rng';
import { cutmixBox, pasteBox } from './cutmix-box.ts';
import { type BatchMethod, type ImageShape, imageSize } from './image-method.ts';
import { blendRows } from './mix-labels.ts';

export interface CutmixBatchOptions {
  /** λ ~ Beta(alpha, alpha); 1 in DeepMind's released code */
  readonly alpha: number;
  /** fixed side of the box in pixels */
  readonly window?: number | undefined;
}

const PERMUTATION = 3;

/** λ = beta(alpha, alpha), cy, cx, then a permutation: [λ, cy, cx, …permutation]. */
export function sampleCutmixBatch(
  stream: DrawStream,
  alpha: number,
  [height, width]: ImageShape,
  size: number,
): number[] {
  const lambda = stream.beta(alpha, alpha);
  const cy = stream.randint(0, height);
  const cx = stream.randint(0, width);
  return [lambda, cy, cx, ...stream.permutation(size)];
}

/** λ is drawn with a fixed window too, and not used, so that both kinds of CutMix leave a stream at the same place. */
export function cutmixBatch({ alpha, window }: CutmixBatchOptions, shape: ImageShape): BatchMethod {
  const imageValues = imageSize(shape);
  return {
    name: 'cutmix_batch',
    drawn: ['lambda', 'cy', 'cx', 'permutation'],
    sample: (stream, size) => sampleCutmixBatch(stream, alpha, shape, size),
    mix(from, into, size, parameters) {
      const [lambda, cy, cx] = parameters;
      const box = cutmixBox(lambda, cy, cx, shape, window);
      const classes = from.labels.length / size;
      for (let target = 0; target < size; target += 1) {
        const partner = parameters[PERMUTATION + target];
        pasteBox(from.images, partner * imageValues, into.images, target * imageValues, shape, box);
        blendRows(from.labels, into.labels, classes, { target, partner }, box.kept);
      }
    },
  };
}
