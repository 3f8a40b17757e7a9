// Resizes images as Pillow does with BILINEAR (src/libImaging/Resample.c): a triangle as wide as the shrinking asks for.

/** Bits of a weight: 8 of the pixel and 2 to spare are left of 32. */
const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** The pixels that one pixel of the result is a weighted sum of. */
interface Window {
  readonly first: number;
  /** whole numbers, 2^22 is one */
  readonly weights: Int32Array;
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));

function windows(from: number, to: number): Window[] {
  const scale = from / to;
  // Growing looks at two pixels; shrinking at all that fall into one.
  const support = Math.max(1, scale);
  const perPixel = 1 / support;
  return Array.from({ length: to }, (_, at) => {
    const center = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const last = Math.min(from, Math.trunc(center + support + 0.5));
    const weights = Array.from({ length: last - first }, (__, i) => triangle((i + first - center + 0.5) * perPixel));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: Int32Array.from(weights, (weight) => 0.5 + (weight / sum) * (1 << PRECISION_BITS)) };
  });
}

/**
 * Resizes one dimension of `rows` × `from` × `stride` values to `rows` × `to` × `stride`.
 * @param stride values between neighbours: the channels for columns, a whole row for rows
 */
function resizeDimension(image: Uint8Array, rows: number, from: number, to: number, stride: number): Uint8Array {
  if (from === to) return image;
  const resized = new Uint8Array(rows * to * stride);
  const all = windows(from, to);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < to; at++) {
      const { first, weights } = all[at];
      for (let offset = 0; offset < stride; offset++) {
        let sum = HALF;
        let source = (row * from + first) * stride + offset;
        for (let i = 0; i < weights.length; i++, source += stride) sum += image[source] * weights[i];
        // Weights are rounded one by one, so that their sum can exceed one by a little.
        resized[(row * to + at) * stride + offset] = Math.min(255, sum >> PRECISION_BITS);
      }
    }
  }
  return resized;
}

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/**
 * Columns first, then rows, in whole numbers: the same bytes on every machine, equal to those of Pillow.
 * @param image uint8 H·W·C
 * @returns `image` itself where nothing changes
 */
export function resizeImage(image: Uint8Array, from: ImageSize, to: ImageSize, channels: number): Uint8Array {
  const wide = resizeDimension(image, from.height, from.width, to.width, channels);
  return resizeDimension(wide, 1, from.height, to.height, to.width * channels);
}
