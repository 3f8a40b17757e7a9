// pad_crop: a border of `pad` pixels, then a crop of the original size at a random offset (Krizhevsky 2009; torchvision RandomCrop).
import type { AugmentationItem } from '@reseed/experiment';
import type { DrawStream } from '@reseed/rng';
import type { ImageMethod, ImageShape } from './image-method.ts';

/** What the border holds: zeros, or the image mirrored at its outermost pixels, which are not repeated. */
export type BorderFill = NonNullable<Extract<AugmentationItem, { name: 'pad_crop' }>['fill']>;

/** Writes to a target the window of an image whose top left corner lies at (top, left), the image's own size. */
type CropWindow = (
  source: Uint8Array,
  sourceOffset: number,
  target: Uint8Array,
  shape: ImageShape,
  top: number,
  left: number,
) => void;

/** dy, then dx, each uniform in 0…2·pad. */
export function samplePadCrop(stream: DrawStream, pad: number): number[] {
  const dy = stream.randint(0, 2 * pad + 1);
  const dx = stream.randint(0, 2 * pad + 1);
  return [dy, dx];
}

/**
 * Writes to `target` the window of the image whose top left corner lies at (top, left); what lies outside the image is 0.
 * A crop at (dy, dx) of an image padded by `pad` is the window at (dy − pad, dx − pad).
 */
export function cropWindow(
  source: Uint8Array,
  sourceOffset: number,
  target: Uint8Array,
  [height, width, channels]: ImageShape,
  top: number,
  left: number,
): void {
  const row = width * channels;
  const size = height * row;
  // The window is the image moved as one block of memory (a third of the time of a loop over pixels), after which the
  // columns that the move wrapped around into the neighbouring row are cleared.
  const move = (top * width + left) * channels;
  const from = Math.min(size, Math.max(0, -move));
  const to = Math.max(from, Math.min(size, size - move));
  target.fill(0, 0, from);
  if (to > from) target.set(source.subarray(sourceOffset + from + move, sourceOffset + to + move), from);
  target.fill(0, to, size);
  const begin = left < 0 ? 0 : Math.max(0, width - left) * channels;
  const end = left < 0 ? Math.min(width, -left) * channels : row;
  for (let start = 0; start < size; start += row) {
    for (let x = begin; x < end; x += 1) target[start + x] = 0;
  }
}

/** The place inside 0…length−1 that a mirror at both outermost pixels shows at `position`. */
function reflect(position: number, length: number): number {
  const period = Math.max(1, 2 * length - 2);
  const folded = ((position % period) + period) % period;
  return folded < length ? folded : period - folded;
}

/** As cropWindow, but what lies outside the image is its mirror image (NumPy's pad mode "reflect"). 2.1 µs for 28×28. */
export function cropReflected(
  source: Uint8Array,
  sourceOffset: number,
  target: Uint8Array,
  [height, width, channels]: ImageShape,
  top: number,
  left: number,
): void {
  const row = width * channels;
  const begin = Math.min(width, Math.max(0, -left));
  const end = Math.max(begin, Math.min(width, width - left));
  for (let y = 0; y < height; y += 1) {
    const from = sourceOffset + reflect(y + top, height) * row;
    const to = y * row;
    const move = from + left * channels;
    for (let x = begin * channels; x < end * channels; x += 1) target[to + x] = source[move + x];
    for (let x = 0; x < width; x += 1) {
      if (x === begin) x = end;
      if (x === width) break;
      const column = from + reflect(x + left, width) * channels;
      for (let c = 0; c < channels; c += 1) target[to + x * channels + c] = source[column + c];
    }
  }
}

/** The crop of an image with this border. */
export function cropOf(fill: BorderFill): CropWindow {
  switch (fill) {
    case 'zero':
      return cropWindow;
    case 'reflect':
      return cropReflected;
  }
}

export function padCrop(pad: number, fill: BorderFill, shape: ImageShape): ImageMethod {
  const crop = cropOf(fill);
  return {
    name: 'pad_crop',
    drawn: ['dy', 'dx'],
    sample: (stream) => samplePadCrop(stream, pad),
    choices: { counts: [2 * pad + 1, 2 * pad + 1], parametersOf: (chosen) => [...chosen] },
    apply: (source, sourceOffset, parameters, first, target) =>
      crop(source, sourceOffset, target, shape, parameters[first] - pad, parameters[first + 1] - pad),
  };
}
