import { describe, expect, it } from 'vitest';
import { planGrid } from './plan-grid.ts';
import { rowsOfGrid } from './rows-of-grid.ts';

const expand = (grid: Record<string, unknown>) => planGrid({ name: 'rows', ...grid });

describe('rowsOfGrid', () => {
  it('puts seeds outermost, so that the first runs are complete pairs', () => {
    const { conditions, runs } = rowsOfGrid(
      expand({ axes: { seedingMode: ['modern', 'inherited', 'per_sample'] }, seeds: [500, 900] }),
      'cpu',
    );
    const positionOf = new Map(conditions.map(({ id, position }) => [id, position]));
    expect(runs.map(({ position, seed, conditionId }) => [position, seed, positionOf.get(conditionId)])).toEqual([
      [0, 500, 0],
      [1, 500, 1],
      [2, 500, 2],
      [3, 900, 0],
      [4, 900, 1],
      [5, 900, 2],
    ]);
  });

  it('gives every run its own id and, unless specs are the same, its own key', () => {
    const { conditions, runs } = rowsOfGrid(
      expand({ axes: { seedingMode: ['modern', 'inherited', 'inherited'] }, seeds: { count: 4 } }),
      'cpu',
    );
    expect(new Set(runs.map(({ id }) => id)).size).toBe(12);
    expect(new Set(conditions.map(({ id }) => id)).size).toBe(3);
    expect(new Set(runs.map(({ runKey }) => runKey)).size).toBe(8);
  });

  it('takes the device that a condition asks for and the given one where it is open', () => {
    const { runs } = rowsOfGrid(
      expand({ axes: { 'requires.device': ['auto', 'cpu', 'gpu'], priority: [3] }, seeds: [1] }),
      'gpu',
    );
    expect(runs.map(({ deviceClass, priority }) => [deviceClass, priority])).toEqual([
      ['gpu', 3],
      ['cpu', 3],
      ['gpu', 3],
    ]);
  });

  it('shares one spec object per condition', () => {
    const { conditions, runs } = rowsOfGrid(expand({ seeds: { count: 1000 } }), 'cpu');
    expect(conditions).toHaveLength(1);
    expect(runs).toHaveLength(1000);
    expect(Object.values(runs[0]).every((value) => typeof value !== 'object')).toBe(true);
  });
});
