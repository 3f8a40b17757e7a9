// The Wilson score interval of a proportion (Wilson 1927).
import { OutOfRangeError } from './errors.ts';
import { normalQuantile } from './normal-distribution.ts';
import type { Interval } from './t-interval.ts';

/**
 * The interval of successes / trials: the binomial error of one evaluation, not the spread over seeds.
 * @param confidence between 0 and 1, 0.95 unless told.
 * @throws OutOfRangeError unless trials >= 1 and 0 <= successes <= trials, both whole, and for the confidence.
 */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): Interval {
  if (!(Number.isInteger(trials) && trials >= 1)) {
    throw new OutOfRangeError('trials', trials, 'a whole number of at least 1');
  }
  if (!(Number.isInteger(successes) && successes >= 0 && successes <= trials)) {
    throw new OutOfRangeError('successes', successes, `a whole number from 0 to ${trials}`);
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new OutOfRangeError('confidence', confidence, 'between 0 and 1, both excluded');
  }
  const z = -normalQuantile((1 - confidence) / 2);
  const shrink = 1 + (z * z) / trials;
  const proportion = successes / trials;
  const centre = (proportion + (z * z) / (2 * trials)) / shrink;
  const halfWidth =
    (z / shrink) * Math.sqrt((proportion * (1 - proportion)) / trials + (z * z) / (4 * trials * trials));
  // At 0 and all successes the ends are exactly 0 and 1; rounding must not push them past.
  return [successes === 0 ? 0 : centre - halfWidth, successes === trials ? 1 : centre + halfWidth];
}
