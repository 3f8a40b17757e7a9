// The regularised incomplete beta function by its continued fraction (DLMF 8.17.22, modified Lentz method).
import { OutOfRangeError } from './errors.ts';
import { logBeta } from './gamma.ts';

const TINY = 1e-300;
const MAXIMUM_TERMS = 10_000;

function continuedFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / keepFromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MAXIMUM_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / keepFromZero(1 + even * d);
    c = keepFromZero(1 + even / c);
    value *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / keepFromZero(1 + odd * d);
    c = keepFromZero(1 + odd / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return value;
}

function keepFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/**
 * Both tails of the beta distribution, { lower: I_x(a, b), upper: 1 - lower }, for x given together with its
 * complement, so that neither tail loses digits when x lies next to 0 or 1.
 */
export function betaTails(a: number, b: number, x: number, complement: number): { lower: number; upper: number } {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (complement <= 0) return { lower: 1, upper: 0 };
  const logX = x < 0.5 ? Math.log(x) : Math.log1p(-complement);
  const logComplement = x < 0.5 ? Math.log1p(-x) : Math.log(complement);
  const front = Math.exp(a * logX + b * logComplement - logBeta(a, b));
  if (x < (a + 1) / (a + b + 2)) {
    const lower = (front * continuedFraction(a, b, x)) / a;
    return { lower, upper: 1 - lower };
  }
  const upper = (front * continuedFraction(b, a, complement)) / b;
  return { lower: 1 - upper, upper };
}

/**
 * The regularised incomplete beta function I_x(a, b), to about 1e-13 relative.
 * @throws OutOfRangeError unless a > 0, b > 0 and 0 <= x <= 1.
 */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (!(a > 0)) throw new OutOfRangeError('a', a, 'above 0');
  if (!(b > 0)) throw new OutOfRangeError('b', b, 'above 0');
  if (!(x >= 0 && x <= 1)) throw new OutOfRangeError('x', x, 'between 0 and 1');
  return betaTails(a, b, x, 1 - x).lower;
}
