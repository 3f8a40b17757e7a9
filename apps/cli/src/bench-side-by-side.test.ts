// Throughput in the time that all processes share, worked out by hand.
import { expect, it } from 'vitest';
import { ShortWindowError, stepsPerSecond } from './bench-side-by-side.ts';

it('one process: its steps over its time', () => {
  expect(stepsPerSecond([[1000, 1500, 2500, 3000]])).toBe(1.5);
});

it('several: what lies in the common time, steps in part too', () => {
  // Common from 500 to 4000 ms. The first: half a step, then three of 1000 ms; the second: three and a half.
  const rate = stepsPerSecond([
    [0, 1000, 2000, 3000, 4000],
    [500, 1500, 2500, 3500, 4500],
  ]);
  expect(rate).toBeCloseTo((3.5 + 3.5) / 3.5, 12);
});

it('a process that runs on alone does not count for both', () => {
  const busy = [0, 1000, 2000];
  const alone = [0, 1000, 2000, ...Array.from({ length: 100 }, (_, i) => 2010 + 10 * i)];
  expect(stepsPerSecond([busy, alone])).toBeCloseTo(2, 12);
});

it.each([
  [[[0, 1000]], 1],
  [
    [
      [0, 1000, 2000, 3000],
      [2500, 3500],
    ],
    0,
  ],
  [[[0], [0, 10, 20]], 0],
])('fewer than two steps of a process in the common time are refused', (times, steps) => {
  expect(() => stepsPerSecond(times)).toThrow(ShortWindowError);
  expect(() => stepsPerSecond(times)).toThrow(`finished ${steps} step(s)`);
});
