// pad_crop: a zero border of `pad` pixels, then a crop of the original size at a random offset (Krizhevsky 2009; torchvision RandomCrop).
import type { DrawStream } from '@reseed/rng';
import type { ImageMethod, ImageShape } from './image-method.ts';

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

export function padCrop(pad: number, shape: ImageShape): ImageMethod {
  return {
    name: 'pad_crop',
    drawn: ['dy', 'dx'],
    sample: (stream) => samplePadCrop(stream, pad),
    choices: { counts: [2 * pad + 1, 2 * pad + 1], parametersOf: (chosen) => [...chosen] },
    apply: (source, sourceOffset, parameters, first, target) =>
      cropWindow(source, sourceOffset, target, shape, parameters[first] - pad, parameters[first + 1] - pad),
  };
}
