// mixup_batch: convex combinations of images and labels, one λ and one permutation per batch (Zhang et al. 2018, arXiv:1710.09412).
import type { DrawStream } from '@reseed/rng';
import { type BatchMethod, type ImageShape, imageSize } from './image-method.ts';
import { blendRows } from './mix-labels.ts';

const PERMUTATION = 1;

/** λ = beta(alpha, alpha), then a permutation: [λ, …permutation]. */
export function sampleMixupBatch(stream: DrawStream, alpha: number, size: number): number[] {
  return [stream.beta(alpha, alpha), ...stream.permutation(size)];
}

/** Image i becomes λ·image i + (1 − λ)·image permutation[i], computed in double and rounded once to float32. */
export function mixupBatch(alpha: number, shape: ImageShape): BatchMethod {
  const imageValues = imageSize(shape);
  return {
    name: 'mixup_batch',
    drawn: ['lambda', 'permutation'],
    sample: (stream, size) => sampleMixupBatch(stream, alpha, size),
    mix(from, into, size, parameters) {
      const [lambda] = parameters;
      for (let target = 0; target < size; target += 1) {
        const partner = parameters[PERMUTATION + target];
        blendRows(from.images, into.images, imageValues, { target, partner }, lambda);
        blendRows(from.labels, into.labels, from.labels.length / size, { target, partner }, lambda);
      }
    },
  };
}
