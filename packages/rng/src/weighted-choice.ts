// choice with probabilities as NumPy's RandomState makes it: a search in the cumulated probabilities (mtrand.pyx, choice).
import { ParameterOutOfRangeError, SampleTooLargeError } from './errors.ts';
import type { UniformSource } from './exponential.ts';

/** How far from 1 the probabilities may sum: NumPy's √eps. */
const SUM_TOLERANCE = Math.sqrt(Number.EPSILON);

/** Kahan's compensated sum, as NumPy checks probabilities. */
function exactSum(values: ArrayLike<number>): number {
  let sum = values[0];
  let lost = 0;
  for (let i = 1; i < values.length; i++) {
    const term = values[i] - lost;
    const next = sum + term;
    lost = next - sum - term;
    sum = next;
  }
  return sum;
}

function checkProbabilities(n: number, p: readonly number[]): void {
  if (p.length !== n) throw new ParameterOutOfRangeError('choice', 'p.length', p.length, `${n}, one for each value`);
  const bad = p.findIndex((probability) => !(probability >= 0));
  if (bad >= 0) throw new ParameterOutOfRangeError('choice', `p[${bad}]`, p[bad], 'from 0 to 1');
  const sum = exactSum(p);
  if (Math.abs(sum - 1) > SUM_TOLERANCE) throw new ParameterOutOfRangeError('choice', 'the sum of p', sum, '1');
}

function cumulated(p: ArrayLike<number>): Float64Array {
  const sums = Float64Array.from(p);
  for (let i = 1; i < sums.length; i++) sums[i] += sums[i - 1];
  const total = sums[sums.length - 1];
  for (let i = 0; i < sums.length; i++) sums[i] /= total;
  return sums;
}

/** The first index whose cumulated probability is above `u` (searchsorted, side="right"). */
function searchAbove(sums: Float64Array, u: number): number {
  let low = 0;
  let high = sums.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle] > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * `choice(n, size, p=p)`: indices 0…n−1, two words each.
 * @throws ParameterOutOfRangeError unless p holds n probabilities that sum to 1.
 */
export function chooseWeighted(stream: UniformSource, n: number, size: number, p: readonly number[]): Int32Array {
  checkProbabilities(n, p);
  const sums = cumulated(p);
  return Int32Array.from({ length: size }, () => searchAbove(sums, stream.randomSample()));
}

/**
 * `choice(n, size, replace=False, p=p)`: different indices. Draws as many as are missing, keeps the first of equal
 * ones, then goes on among the rest.
 * @throws ParameterOutOfRangeError as above; SampleTooLargeError when fewer than `size` probabilities are above 0.
 */
export function chooseWeightedDistinct(
  stream: UniformSource,
  n: number,
  size: number,
  p: readonly number[],
): Int32Array {
  checkProbabilities(n, p);
  const possible = p.filter((probability) => probability > 0).length;
  if (size > possible) throw new SampleTooLargeError('choiceDistinct', size, possible);
  const left = Float64Array.from(p);
  const found = new Set<number>();
  while (found.size < size) {
    const draws = Float64Array.from({ length: size - found.size }, () => stream.randomSample());
    const sums = cumulated(left);
    for (const u of draws) found.add(searchAbove(sums, u));
    for (const index of found) left[index] = 0;
  }
  return Int32Array.from(found);
}
