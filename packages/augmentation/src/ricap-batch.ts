// ricap_batch: four crops patched into one image, labels weighted by their areas (Takahashi et al. 2018, arXiv:1811.09030).
import type { DrawStream } from '@reseed/rng';
import { type BatchMethod, type ImageShape, imageSize } from './image-method.ts';
import { roundHalfEven } from './round-half-even.ts';

interface Patch {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The patches in the order of the authors' code: top left (w × h), top right, bottom left, bottom right. */
function patchesOf(w: number, h: number, [height, width]: ImageShape): readonly Patch[] {
  return [
    { top: 0, left: 0, height: h, width: w },
    { top: 0, left: w, height: h, width: width - w },
    { top: h, left: 0, height: height - h, width: w },
    { top: h, left: w, height: height - h, width: width - w },
  ];
}

/**
 * w = round(W·beta(β, β)), h = round(H·beta(β, β)), then for each of the four patches a permutation, x and y of its crop,
 * the same for all images: [w, h, four times (…permutation, x, y)].
 */
export function sampleRicapBatch(stream: DrawStream, beta: number, shape: ImageShape, size: number): number[] {
  const [height, width] = shape;
  const w = roundHalfEven(width * stream.beta(beta, beta));
  const h = roundHalfEven(height * stream.beta(beta, beta));
  const drawn = [w, h];
  for (const patch of patchesOf(w, h, shape)) {
    for (const index of stream.permutation(size)) drawn.push(index);
    const x = stream.randint(0, width - patch.width + 1);
    const y = stream.randint(0, height - patch.height + 1);
    drawn.push(x, y);
  }
  return drawn;
}

/** Patch k of image i is a crop of image permutation_k[i]; a label row is the sum of the four weighted by their areas. */
export function ricapBatch(beta: number, shape: ImageShape): BatchMethod {
  const [height, width, channels] = shape;
  const imageValues = imageSize(shape);
  return {
    name: 'ricap_batch',
    drawn: ['w', 'h', ...[0, 1, 2, 3].flatMap((k) => [`permutation${k}`, `x${k}`, `y${k}`])],
    sample: (stream, size) => sampleRicapBatch(stream, beta, shape, size),
    mix(from, into, size, parameters) {
      const [w, h] = parameters;
      const classes = from.labels.length / size;
      into.labels.fill(0);
      patchesOf(w, h, shape).forEach((patch, k) => {
        const first = 2 + k * (size + 2);
        const x = parameters[first + size];
        const y = parameters[first + size + 1];
        const share = (patch.height * patch.width) / (height * width);
        for (let i = 0; i < size; i += 1) {
          const partner = parameters[first + i];
          for (let row = 0; row < patch.height; row += 1) {
            const source = partner * imageValues + ((y + row) * width + x) * channels;
            const target = i * imageValues + ((patch.top + row) * width + patch.left) * channels;
            for (let v = 0; v < patch.width * channels; v += 1) into.images[target + v] = from.images[source + v];
          }
          for (let c = 0; c < classes; c += 1)
            into.labels[i * classes + c] += share * from.labels[partner * classes + c];
        }
      });
    },
  };
}
