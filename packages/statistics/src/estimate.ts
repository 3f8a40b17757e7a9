// A mean difference with its standard error: the one shape from which intervals and tests are computed.
import { TooFewValuesError } from './errors.ts';
import { summarize } from './summarize.ts';

/**
 * sd is the standard deviation of a single difference: of the paired differences, or for independent arms
 * the root of the sum of both variances.
 */
export interface Estimate {
  readonly mean: number;
  readonly sd: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/**
 * The mean of paired differences, with n - 1 degrees of freedom.
 * @throws TooFewValuesError below two differences.
 */
export function pairedEstimate(differences: readonly number[]): Estimate {
  const { n, mean, sd } = summarize(differences);
  if (sd === null) throw new TooFewValuesError('differences', n, 2);
  return { mean, sd, standardError: sd / Math.sqrt(n), degreesOfFreedom: n - 1 };
}

/**
 * The degrees of freedom of Welch (1947) and Satterthwaite for two independent means.
 * @param variance sample variances of the two arms, not both 0.
 * @param n sizes of the two arms, at least 2 each.
 */
export function welchDegreesOfFreedom(variance: readonly [number, number], n: readonly [number, number]): number {
  // Scaled by the larger variance, so that tiny variances do not underflow when squared.
  const largest = Math.max(variance[0], variance[1]);
  const first = variance[0] / largest / n[0];
  const second = variance[1] / largest / n[1];
  return (first + second) ** 2 / (first ** 2 / (n[0] - 1) + second ** 2 / (n[1] - 1));
}

/**
 * mean(level) - mean(baseline) of independent arms without assuming equal variances (Welch 1947).
 * @throws TooFewValuesError when an arm has fewer than two values.
 */
export function welchEstimate(level: readonly number[], baseline: readonly number[]): Estimate {
  const a = summarize(level);
  const b = summarize(baseline);
  if (a.sd === null) throw new TooFewValuesError('level', a.n, 2);
  if (b.sd === null) throw new TooFewValuesError('baseline', b.n, 2);
  const mean = a.mean - b.mean;
  if (a.sd === 0 && b.sd === 0) return { mean, sd: 0, standardError: 0, degreesOfFreedom: a.n + b.n - 2 };
  return {
    mean,
    sd: Math.hypot(a.sd, b.sd),
    standardError: Math.hypot(a.sd / Math.sqrt(a.n), b.sd / Math.sqrt(b.n)),
    degreesOfFreedom: welchDegreesOfFreedom([a.sd ** 2, b.sd ** 2], [a.n, b.n]),
  };
}
