// Power of the t test and of TOST, integrated over the distribution of the sample SD (Owen 1965; Phillips 1990).
import { OutOfRangeError } from './errors.ts';
import { logGamma } from './gamma.ts';
import { integrate } from './gauss-legendre.ts';
import { normalCdf } from './normal-distribution.ts';
import { studentTUpperQuantile } from './student-t-distribution.ts';

/** ratio is an effect or a margin divided by its true standard error; alpha the size of the test. */
export interface PowerQuestion {
  readonly ratio: number;
  readonly degreesOfFreedom: number;
  readonly alpha: number;
}

// sample SD / true SD lies within this many of its own standard deviations around 1 but for a probability below 1e-12.
const SPREADS = 9;

function assertQuestion({ ratio, degreesOfFreedom, alpha }: PowerQuestion): void {
  if (!(ratio >= 0 && Number.isFinite(ratio))) throw new OutOfRangeError('ratio', ratio, 'at least 0 and finite');
  if (!(degreesOfFreedom >= 1 && Number.isFinite(degreesOfFreedom))) {
    throw new OutOfRangeError('degreesOfFreedom', degreesOfFreedom, 'at least 1 and finite');
  }
  if (!(alpha > 0 && alpha < 1)) throw new OutOfRangeError('alpha', alpha, 'between 0 and 1, both excluded');
}

/** Integrates over u = sample SD / true SD, whose square times df is chi-square; u runs up to highest. */
function averageOverSampleSd(degreesOfFreedom: number, highest: number, power: (u: number) => number): number {
  const halfDf = degreesOfFreedom / 2;
  const logScale = Math.LN2 + halfDf * Math.log(halfDf) - logGamma(halfDf);
  const spread = 1 / Math.sqrt(2 * degreesOfFreedom);
  const density = (u: number) => Math.exp(logScale + (degreesOfFreedom - 1) * Math.log(u) - halfDf * u * u);
  const low = Math.max(0, 1 - SPREADS * spread);
  const high = Math.min(highest, 1 + SPREADS * spread);
  // Two panels: the integrand can fall from 1 to 0 within a fraction of the range.
  const middle = 0.5 * (low + high);
  const integrand = (u: number) => power(u) * density(u);
  return integrate(integrand, low, middle) + integrate(integrand, middle, high);
}

/**
 * Power of the two-sided t test when the true effect is ratio standard errors (the noncentral t distribution).
 * @throws OutOfRangeError unless ratio >= 0, degreesOfFreedom >= 1 and 0 < alpha < 1.
 */
export function tTestPower(question: PowerQuestion): number {
  assertQuestion(question);
  const { ratio, degreesOfFreedom, alpha } = question;
  const critical = studentTUpperQuantile(alpha / 2, degreesOfFreedom);
  return averageOverSampleSd(
    degreesOfFreedom,
    Infinity,
    (u) => normalCdf(ratio - critical * u) + normalCdf(-ratio - critical * u),
  );
}

/**
 * Power of TOST when the true effect is 0 and the margin is ratio standard errors.
 * @throws OutOfRangeError unless ratio >= 0, degreesOfFreedom >= 1 and 0 < alpha < 1.
 */
export function equivalencePower(question: PowerQuestion): number {
  assertQuestion(question);
  const { ratio, degreesOfFreedom, alpha } = question;
  const critical = studentTUpperQuantile(alpha, degreesOfFreedom);
  return averageOverSampleSd(degreesOfFreedom, ratio / critical, (u) => 1 - 2 * normalCdf(critical * u - ratio));
}
