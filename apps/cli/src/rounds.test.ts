// Ratios of alternating measurements, against numbers worked out by hand.
import { expect, it } from 'vitest';
import { median } from './bench-train.ts';
import { describeRatio, measureBoth, orderOf, summariseRatios } from './rounds.ts';

it('the interval is that of the geometric mean', () => {
  // Logarithms −ln 2, 0, ln 2: mean 0, sd ln 2, t(0.975, 2) = 4.302653.
  const { median: middle, min, max, ci95 } = summariseRatios([2, 0.5, 1]);
  expect({ middle, min, max }).toEqual({ middle: 1, min: 0.5, max: 2 });
  const halfWidth = (4.302652729911275 * Math.LN2) / Math.sqrt(3);
  expect(ci95?.[0]).toBeCloseTo(Math.exp(-halfWidth), 9);
  expect(ci95?.[1]).toBeCloseTo(Math.exp(halfWidth), 9);
});

it('one round has no interval', () => {
  const summary = summariseRatios([1.25]);
  expect(summary).toEqual({ median: 1.25, min: 1.25, max: 1.25, ci95: null });
  expect(describeRatio(summary)).toBe('1.250 (median; 1.250 to 1.250)');
  expect(describeRatio({ ...summary, ci95: [1.2, 1.3] })).toContain('95 % interval of the mean [1.200, 1.300]');
});

it('the median of an even number is the mean of the two in the middle', () => {
  expect(median([4, 1, 3])).toBe(3);
  expect(median([10, 1, 4, 2])).toBe(3);
});

it('rounds go ABBA, one measurement after the other, and answers keep their places', async () => {
  const said: string[] = [];
  let running = 0;
  const measure = (name: string) => async () => {
    running++;
    expect(running).toBe(1);
    await Promise.resolve();
    running--;
    said.push(name);
    return name;
  };
  for (const round of [0, 1, 2, 3]) {
    expect(await measureBoth(round, measure('a'), measure('b'))).toEqual(['a', 'b']);
  }
  expect(said.join('')).toBe('abbaabba');
  expect([0, 1, 2].map(orderOf)).toEqual(['first_then_second', 'second_then_first', 'first_then_second']);
});
