// The L2 candidates of Square (Andriushchenko et al. 2020, algorithm 3 and eq. 2): bumps, to which the norm of others is moved.
import type { NumpyRandomState } from '@reseed/rng';
import { type ImageShape, scaleToLength } from './normal-noise.ts';
import { drawSign, type SquareMoves } from './square-moves.ts';

/** The start covers the image with this many bumps in a column. */
const START_TILES = 5;
/** Smaller windows than this hold no bump of two signs. */
const SMALLEST_SIDE = 3;
const TINY = 1e-12;

/** Concentric rectangles, falling off from the middle as 1/k²; [rows × columns]. */
function pyramid(rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  const layers = Math.max(Math.floor(rows / 2), Math.floor(columns / 2)) + 1;
  for (let layer = 0; layer < layers; layer++) {
    const top = Math.floor(rows / 2) - layer;
    const left = Math.floor(columns / 2) - layer;
    for (let y = Math.max(top, 0); y < Math.min(top + 2 * layer + 1, rows); y++) {
      for (let x = Math.max(left, 0); x < Math.min(left + 2 * layer + 1, columns); x++) {
        out[y * columns + x] += 1 / (layer + 1) ** 2;
      }
    }
  }
  return normalised(out);
}

function normalised(values: Float64Array): Float64Array {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? values : values.map((value) => value / length);
}

/** A bump of length 1: its upper half positive, its lower half negative. */
function uprightBump(side: number): Float64Array {
  const half = Math.floor(side / 2);
  const out = new Float64Array(side * side);
  out.set(pyramid(half, side));
  out.set(
    pyramid(side - half, side).map((value) => -value),
    half * side,
  );
  return normalised(out);
}

/** The bump, on its side with probability ½. One draw. */
function drawBump(stream: NumpyRandomState, side: number, upright: Float64Array): (y: number, x: number) => number {
  const onItsSide = stream.randomSample() > 0.5;
  return (y, x) => (onItsSide ? upright[x * side + y] : upright[y * side + x]);
}

/** A square window of one channel. */
interface Window {
  readonly top: number;
  readonly left: number;
  readonly side: number;
}

/**
 * Start: bumps side by side, per bump one orientation and then one sign per channel, scaled to length ε. Change: the
 * norm inside a second window goes into a bump in a first one, channel by channel as in the paper (the authors' PyTorch
 * code adds the norm of all channels). Drawn: places of both windows, orientation, signs.
 */
export function squareMovesL2([height, width, channels]: ImageShape, epsilon: number): SquareMoves {
  const shorter = Math.min(height, width);
  const largestOdd = shorter % 2 === 1 ? shorter : Math.max(shorter - 1, 1);
  const bumps = new Map<number, Float64Array>();
  const bumpOf = (stream: NumpyRandomState, side: number) => {
    const upright = bumps.get(side) ?? uprightBump(side);
    bumps.set(side, upright);
    return drawBump(stream, side, upright);
  };
  const drawWindow = (stream: NumpyRandomState, side: number): Window => ({
    top: stream.randint(0, height - side + 1),
    left: stream.randint(0, width - side + 1),
    side,
  });
  const forWindow = (
    { top, left, side }: Window,
    channel: number,
    visit: (at: number, y: number, x: number) => void,
  ) => {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) visit(((top + y) * width + left + x) * channels + channel, y, x);
    }
  };
  const apply = (image: Float32Array, delta: Float32Array, out: Float32Array) => {
    scaleToLength(delta, epsilon);
    for (let i = 0; i < image.length; i++) out[i] = Math.min(Math.max(image[i] + delta[i], 0), 1);
  };

  const start: SquareMoves['start'] = (stream, image, out) => {
    const delta = new Float32Array(image.length);
    const side = Math.max(Math.floor(height / START_TILES), 1);
    const margin = Math.floor((height - side * START_TILES) / 2);
    const first = Math.max(margin, 0);
    for (let top = first; top + side <= height; top += side) {
      for (let left = first; left + side <= width; left += side) {
        const bump = bumpOf(stream, side);
        for (let channel = 0; channel < channels; channel++) {
          const sign = drawSign(stream);
          forWindow({ top, left, side }, channel, (at, y, x) => {
            delta[at] += sign * bump(y, x);
          });
        }
      }
    }
    apply(image, delta, out);
  };

  const propose: SquareMoves['propose'] = (stream, image, best, share, out) => {
    const delta = new Float32Array(image.length);
    let squared = 0;
    for (let i = 0; i < delta.length; i++) {
      delta[i] = best[i] - image[i];
      squared += delta[i] * delta[i];
    }
    const wanted = Math.max(Math.round(Math.sqrt(share * height * width)), SMALLEST_SIDE);
    const side = Math.min(wanted % 2 === 0 ? wanted + 1 : wanted, largestOdd);
    const into = drawWindow(stream, side);
    const from = drawWindow(stream, side);
    const bump = bumpOf(stream, side);
    const unused = Math.max(epsilon ** 2 - squared, 0);
    for (let channel = 0; channel < channels; channel++) {
      const sign = drawSign(stream);
      let inside = 0;
      forWindow(into, channel, (at) => {
        inside += delta[at] ** 2;
      });
      const mixed = new Float64Array(side * side);
      forWindow(into, channel, (at, y, x) => {
        mixed[y * side + x] = sign * bump(y, x) + delta[at] / (TINY + Math.sqrt(inside));
      });
      let elsewhere = 0;
      forWindow(from, channel, (at, y, x) => {
        const counted = isInside(into, from.top + y, from.left + x);
        if (!counted) elsewhere += delta[at] ** 2;
        delta[at] = 0;
      });
      const length = Math.sqrt(inside + elsewhere + unused / channels);
      const unit = normalised(mixed);
      forWindow(into, channel, (at, y, x) => {
        delta[at] = unit[y * side + x] * length;
      });
    }
    apply(image, delta, out);
  };
  return { start, propose };
}

function isInside({ top, left, side }: Window, y: number, x: number): boolean {
  return y >= top && y < top + side && x >= left && x < left + side;
}
