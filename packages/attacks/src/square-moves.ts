// What Square (Andriushchenko et al. 2020) asks of a norm: a first point and changes of the best one.
import type { NumpyRandomState } from '@reseed/rng';

/** How one norm draws its candidates; all arrays hold the pixels of one image, NHWC. */
export interface SquareMoves {
  readonly start: (stream: NumpyRandomState, image: Float32Array, out: Float32Array) => void;
  /** A change of `best`; `share` is the share of the image that the square covers. */
  readonly propose: (
    stream: NumpyRandomState,
    image: Float32Array,
    best: Float32Array,
    share: number,
    out: Float32Array,
  ) => void;
}

/** +1 or −1. */
export function drawSign(stream: NumpyRandomState): number {
  return 2 * stream.randint(0, 2) - 1;
}
