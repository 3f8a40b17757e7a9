// Student's t distribution through the incomplete beta function (DLMF 8.17, Abramowitz and Stegun 26.5.27).
import { OutOfRangeError } from './errors.ts';
import { logBeta } from './gamma.ts';
import { betaTails } from './incomplete-beta.ts';

function assertDegreesOfFreedom(degreesOfFreedom: number): void {
  if (!(degreesOfFreedom > 0 && Number.isFinite(degreesOfFreedom))) {
    throw new OutOfRangeError('degreesOfFreedom', degreesOfFreedom, 'above 0 and finite');
  }
}

/**
 * P(T > t), accurate relative to its own size far into the tail.
 * @throws OutOfRangeError unless degreesOfFreedom (any real number) is above 0 and t is a number.
 */
export function studentTUpperTail(t: number, degreesOfFreedom: number): number {
  assertDegreesOfFreedom(degreesOfFreedom);
  if (Number.isNaN(t)) throw new OutOfRangeError('t', t, 'a number');
  const ratio = (t / degreesOfFreedom) * t;
  const x = 1 / (1 + ratio);
  const complement = ratio === Infinity ? 1 : ratio / (1 + ratio);
  const half = betaTails(degreesOfFreedom / 2, 0.5, x, complement).lower / 2;
  return t < 0 ? 1 - half : half;
}

/** P(T <= t). See studentTUpperTail. */
export function studentTCdf(t: number, degreesOfFreedom: number): number {
  return studentTUpperTail(-t, degreesOfFreedom);
}

/** P(|T| > |t|), the two-sided p-value of t. */
export function studentTTwoSided(t: number, degreesOfFreedom: number): number {
  return Math.min(1, 2 * studentTUpperTail(Math.abs(t), degreesOfFreedom));
}

function logDensity(t: number, degreesOfFreedom: number): number {
  return (
    -0.5 * (degreesOfFreedom + 1) * Math.log1p((t / degreesOfFreedom) * t) -
    0.5 * Math.log(degreesOfFreedom) -
    logBeta(degreesOfFreedom / 2, 0.5)
  );
}

/**
 * The t with P(T > t) = upperTail: Newton steps on the logarithm of the tail, kept inside a bracket.
 * @throws OutOfRangeError unless 1e-150 <= upperTail < 1 and degreesOfFreedom > 0.
 */
export function studentTUpperQuantile(upperTail: number, degreesOfFreedom: number): number {
  assertDegreesOfFreedom(degreesOfFreedom);
  if (!(upperTail >= 1e-150 && upperTail < 1)) {
    throw new OutOfRangeError('upperTail', upperTail, 'at least 1e-150 and below 1');
  }
  if (upperTail > 0.5) return -studentTUpperQuantile(1 - upperTail, degreesOfFreedom);
  if (upperTail === 0.5) return 0;
  let low = 0;
  let high = 1;
  while (studentTUpperTail(high, degreesOfFreedom) > upperTail) {
    low = high;
    high *= 4;
  }
  let t = low > 0 ? Math.sqrt(low * high) : 0.5 * high;
  for (let step = 0; step < 200; step++) {
    const tail = studentTUpperTail(t, degreesOfFreedom);
    if (tail > upperTail) low = t;
    else high = t;
    let next = t + (Math.log(tail / upperTail) * tail) / Math.exp(logDensity(t, degreesOfFreedom));
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (Math.abs(next - t) <= 2 * Number.EPSILON * t) return next;
    t = next;
  }
  return t;
}

/**
 * The t with P(T <= t) = probability.
 * @throws OutOfRangeError unless 1e-150 <= probability < 1 and degreesOfFreedom > 0.
 */
export function studentTQuantile(probability: number, degreesOfFreedom: number): number {
  return -studentTUpperQuantile(probability, degreesOfFreedom);
}
