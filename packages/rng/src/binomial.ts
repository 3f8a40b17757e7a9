// The binomial distribution as NumPy's legacy RandomState draws it for small means: by summing the probabilities.
import { ParameterOutOfRangeError } from './errors.ts';
import type { UniformSource } from './exponential.ts';

/** NumPy changes to another method (BTPE) above this mean, which nothing here needs. */
const LARGEST_MEAN = 30;

/** Sequential inversion, p ≤ 1/2; starts again when rounding has carried it far into the tail. */
function drawByInversion(stream: UniformSource, n: number, p: number): number {
  const q = 1 - p;
  const none = Math.exp(n * Math.log(q));
  const bound = Math.trunc(Math.min(n, n * p + 10 * Math.sqrt(n * p * q + 1)));
  for (;;) {
    let left = stream.randomSample();
    let successes = 0;
    let probability = none;
    while (left > probability && ++successes <= bound) {
      left -= probability;
      probability = ((n - successes + 1) * p * probability) / (successes * q);
    }
    if (successes <= bound) return successes;
  }
}

/**
 * `binomial(n, p)`: successes in n trials. Two words, save for an extremely rare restart.
 * @throws ParameterOutOfRangeError unless n is a whole number from 0, 0 ≤ p ≤ 1, and n·min(p, 1 − p) ≤ 30 (NumPy has
 * no such last limit).
 */
export function drawBinomial(stream: UniformSource, n: number, p: number): number {
  if (!(n >= 0 && Number.isSafeInteger(n))) {
    throw new ParameterOutOfRangeError('binomial', 'n', n, 'a whole number from 0');
  }
  if (!(p >= 0 && p <= 1)) throw new ParameterOutOfRangeError('binomial', 'p', p, 'from 0 to 1');
  const rarer = p <= 0.5 ? p : 1 - p;
  if (rarer * n > LARGEST_MEAN) {
    throw new ParameterOutOfRangeError('binomial', 'n·min(p, 1 − p)', rarer * n, `at most ${LARGEST_MEAN}`);
  }
  const drawn = drawByInversion(stream, n, rarer);
  return p <= 0.5 ? drawn : n - drawn;
}
