// The standard normal distribution: series and continued fraction of Marsaglia (2004), quantile by Halley's method.
import { OutOfRangeError } from './errors.ts';

const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);
// Below: the series loses no digit; above: the continued fraction needs under 40 terms.
const SERIES_UP_TO = 3;

function density(z: number): number {
  return Math.exp(-0.5 * z * z) / SQRT_TWO_PI;
}

/** Probability above z, for z >= 0. */
function upperTail(z: number): number {
  if (z < SERIES_UP_TO) {
    let term = z;
    let sum = z;
    for (let k = 3; term > sum * 1e-17; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - sum * density(z);
  }
  // Mills ratio 1/(z + 1/(z + 2/(z + ...))), evaluated backwards from a depth that suffices at this z.
  let fraction = z;
  for (let k = Math.ceil(10 + 250 / (z * z)); k >= 1; k--) fraction = z + k / fraction;
  return density(z) / fraction;
}

/** P(Z <= z) of the standard normal, to about 1e-13 relative in the lower tail. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) throw new OutOfRangeError('z', z, 'a number');
  if (z === Infinity) return 1;
  if (z === -Infinity) return 0;
  return z < 0 ? upperTail(-z) : 1 - upperTail(z);
}

/**
 * The z with P(Z <= z) = probability.
 * @throws OutOfRangeError unless 0 < probability < 1.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new OutOfRangeError('probability', probability, 'between 0 and 1, both excluded');
  }
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability === 0.5) return 0;
  // Abramowitz and Stegun 26.2.22, off by less than 0.003, as a start; each Halley step triples the digits.
  const s = Math.sqrt(-2 * Math.log(probability));
  let z = s - (2.30753 + 0.27061 * s) / (1 + s * (0.99229 + 0.04481 * s));
  for (let step = 0; step < 4; step++) {
    const newton = (normalCdf(-z) - probability) / density(z);
    z += newton / (1 - 0.5 * z * newton);
  }
  return -z;
}
