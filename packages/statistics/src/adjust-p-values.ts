// Adjusted p-values of a family of tests: Holm (1979) and Benjamini and Hochberg (1995).
import { OutOfRangeError } from './errors.ts';

function ascendingOrder(pValues: readonly number[]): number[] {
  for (const p of pValues) if (!(p >= 0 && p <= 1)) throw new OutOfRangeError('p', p, 'between 0 and 1');
  return pValues.map((_, index) => index).sort((a, b) => pValues[a] - pValues[b]);
}

/**
 * Holm's step-down adjustment (controls the chance of any false alarm in the family), in the order given.
 * @throws OutOfRangeError for a p outside 0 to 1.
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = pValues.slice();
  let largest = 0;
  for (const [rank, index] of ascendingOrder(pValues).entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]));
    adjusted[index] = largest;
  }
  return adjusted;
}

/**
 * Benjamini and Hochberg's step-up adjustment (controls the share of false alarms), in the order given.
 * @throws OutOfRangeError for a p outside 0 to 1.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const adjusted = pValues.slice();
  let smallest = 1;
  for (const [fromLast, index] of ascendingOrder(pValues).reverse().entries()) {
    smallest = Math.min(smallest, (pValues[index] * pValues.length) / (pValues.length - fromLast));
    adjusted[index] = smallest;
  }
  return adjusted;
}
