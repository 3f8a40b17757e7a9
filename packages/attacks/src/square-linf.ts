// The L∞ candidates of Square (Andriushchenko et al. 2020, algorithm 2): vertical stripes, then squares of ±2ε.
import type { ImageShape } from './normal-noise.ts';
import { drawSign, type SquareMoves } from './square-moves.ts';

/**
 * Start: image ± ε, one sign per channel and column, drawn in the order (C, W). Change: a square at a uniform place
 * (row, then column), one sign per channel.
 */
export function squareMovesLinf([height, width, channels]: ImageShape, epsilon: number): SquareMoves {
  /** Stays within ε of the image and in [0, 1]. */
  const allowed = (value: number, pixel: number) => Math.min(Math.max(value, pixel - epsilon, 0), pixel + epsilon, 1);
  return {
    start: (stream, image, out) => {
      for (let channel = 0; channel < channels; channel++) {
        for (let x = 0; x < width; x++) {
          const change = epsilon * drawSign(stream);
          for (let y = 0; y < height; y++) {
            const at = (y * width + x) * channels + channel;
            out[at] = allowed(image[at] + change, image[at]);
          }
        }
      }
    },
    propose: (stream, image, best, share, out) => {
      out.set(best);
      const wanted = Math.max(Math.round(Math.sqrt(share * height * width)), 1);
      const side = Math.min(wanted, height, width);
      const top = stream.randint(0, height - side + 1);
      const left = stream.randint(0, width - side + 1);
      for (let channel = 0; channel < channels; channel++) {
        const change = 2 * epsilon * drawSign(stream);
        for (let y = top; y < top + side; y++) {
          for (let x = left; x < left + side; x++) {
            const at = (y * width + x) * channels + channel;
            out[at] = allowed(best[at] + change, image[at]);
          }
        }
      }
    },
  };
}
