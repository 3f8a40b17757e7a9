// The sign-flip permutation test of paired differences (Fisher 1935), exact up to 20 pairs, sampled beyond.
import { NumpyRandomState } from '@reseed/rng';
import { OutOfRangeError, TooFewValuesError } from './errors.ts';

const EXACT_UP_TO = 20;
const RESAMPLES = 100_000;
const RESAMPLE_SEED = 0;
// Sums that are equal on paper differ by rounding; they count as ties.
const TIE_SLACK = 1e-12;

/** count of total sign patterns have a sum at least as far from 0 as the one seen; p is two-sided. */
export interface SignFlipTest {
  readonly method: 'exact' | 'sampled';
  readonly count: number;
  readonly total: number;
  readonly p: number;
}

/**
 * The smallest two-sided p the exact test can reach with n pairs, 2 / 2^n: from n = 6 it is below .05.
 * @throws OutOfRangeError unless n is a whole number of at least 1.
 */
export function minAttainableP(n: number): number {
  if (!(Number.isInteger(n) && n >= 1)) throw new OutOfRangeError('n', n, 'a whole number of at least 1');
  return 2 / 2 ** n;
}

/**
 * Two-sided sign-flip test on the sum of the differences. Up to 20 pairs all 2^n patterns are counted; beyond,
 * p = (count + 1) / (100,000 + 1) over patterns from NumPy's RandomState(0): bit k of a resample's
 * ceil(n / 32) words flips the k-th smallest |difference|, so neither order nor sign of the pairs changes p.
 * @throws TooFewValuesError for an empty list.
 */
export function signFlipTest(differences: readonly number[]): SignFlipTest {
  if (differences.length === 0) throw new TooFewValuesError('differences', 0, 1);
  const observed = Math.abs(differences.reduce((sum, difference) => sum + difference, 0)) - TIE_SLACK;
  const magnitudes = Float64Array.from(differences, Math.abs).sort();
  return magnitudes.length <= EXACT_UP_TO ? countAll(magnitudes, observed) : sample(magnitudes, observed);
}

function countAll(magnitudes: Float64Array, observed: number): SignFlipTest {
  // Patterns come in mirrored pairs: the last sign stays +, and every hit counts twice.
  const half = 2 ** (magnitudes.length - 1);
  const sums = new Float64Array(half);
  sums[0] = magnitudes.reduce((sum, magnitude) => sum + magnitude, 0);
  for (let filled = 1, k = 0; filled < half; filled *= 2, k++) {
    for (let i = 0; i < filled; i++) sums[filled + i] = sums[i] - 2 * magnitudes[k];
  }
  let count = 0;
  for (const sum of sums) if (Math.abs(sum) >= observed) count += 2;
  return { method: 'exact', count, total: 2 * half, p: count / (2 * half) };
}

function sample(magnitudes: Float64Array, observed: number): SignFlipTest {
  const random = new NumpyRandomState(RESAMPLE_SEED);
  let count = 0;
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    let word = 0;
    for (let k = 0; k < magnitudes.length; k++) {
      if (k % 32 === 0) word = random.nextUint32();
      sum += word & 1 ? -magnitudes[k] : magnitudes[k];
      word >>>= 1;
    }
    if (Math.abs(sum) >= observed) count += 1;
  }
  return { method: 'sampled', count, total: RESAMPLES, p: (count + 1) / (RESAMPLES + 1) };
}
