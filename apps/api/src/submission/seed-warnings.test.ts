import { resolveCondition } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';
import { seedWarnings } from './seed-warnings.ts';

const { condition } = resolveCondition({ epochs: 20, loader: { workers: 4 } });

describe('seedWarnings', () => {
  it('is silent from a distance of epochs + workers on', () => {
    expect(seedWarnings([condition], [48, 0, 24])).toEqual([]);
  });

  it('names the closest pair, the distance and the limit, whatever the order of the seeds', () => {
    const [warning, ...rest] = seedWarnings([condition], [100, 23, 0]);
    expect(rest).toEqual([]);
    expect(warning).toContain('seeds 0 and 23 differ by 23, less than epochs + workers = 24');
  });

  it('counts further pairs and takes the longest condition', () => {
    const longer = resolveCondition({ epochs: 200, loader: { workers: 8 } }).condition;
    const [warning] = seedWarnings([condition, longer], [0, 1, 2]);
    expect(warning).toContain('1 more neighbouring pairs');
    expect(warning).toContain('= 208');
  });

  it('is silent for one seed', () => {
    expect(seedWarnings([condition], [7])).toEqual([]);
  });
});
