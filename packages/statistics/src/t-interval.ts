// The t interval of a mean difference.
import { OutOfRangeError } from './errors.ts';
import type { Estimate } from './estimate.ts';
import { studentTUpperQuantile } from './student-t-distribution.ts';

/** Lower and upper end. */
export type Interval = readonly [number, number];

/**
 * The two-sided t interval mean ± t · standardError.
 * @param confidence between 0 and 1, for example 0.95.
 * @throws OutOfRangeError for another confidence.
 */
export function tInterval(estimate: Estimate, confidence: number): Interval {
  if (!(confidence > 0 && confidence < 1)) {
    throw new OutOfRangeError('confidence', confidence, 'between 0 and 1, both excluded');
  }
  const halfWidth = studentTUpperQuantile((1 - confidence) / 2, estimate.degreesOfFreedom) * estimate.standardError;
  return [estimate.mean - halfWidth, estimate.mean + halfWidth];
}
