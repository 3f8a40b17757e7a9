// Two measurements taken alternately, round after round, and what their ratio is.
import { type Interval, pairedEstimate, tInterval } from '@reseed/statistics';
import { median } from './bench-train.ts';

export interface RatioSummary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Of the geometric mean: the t interval of the mean logarithm, 95 %; null for a single round. */
  readonly ci95: Interval | null;
}

/** @param ratios above 0, at least one */
export function summariseRatios(ratios: readonly number[]): RatioSummary {
  const logarithms = ratios.map(Math.log);
  const [low, high] = ratios.length < 2 ? [] : tInterval(pairedEstimate(logarithms), 0.95);
  return {
    median: median(ratios),
    min: Math.min(...ratios),
    max: Math.max(...ratios),
    ci95: low === undefined || high === undefined ? null : [Math.exp(low), Math.exp(high)],
  };
}

export type Order = 'first_then_second' | 'second_then_first';

/** ABBA: what drifts, such as a processor that warms up, falls on both alike over two rounds. */
export const orderOf = (round: number): Order => (round % 2 === 0 ? 'first_then_second' : 'second_then_first');

/** One after the other, in the order of the round. */
export async function measureBoth<A, B>(
  round: number,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<readonly [A, B]> {
  switch (orderOf(round)) {
    case 'first_then_second': {
      const a = await first();
      return [a, await second()];
    }
    case 'second_then_first': {
      const b = await second();
      return [await first(), b];
    }
  }
}

export function describeRatio({ median: middle, min, max, ci95 }: RatioSummary): string {
  const interval = ci95 === null ? '' : `, 95 % interval of the mean [${ci95[0].toFixed(3)}, ${ci95[1].toFixed(3)}]`;
  return `${middle.toFixed(3)} (median; ${min.toFixed(3)} to ${max.toFixed(3)}${interval})`;
}
