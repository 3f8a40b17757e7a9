import type { ComparedCondition, ComparedRun } from '@reseed/database';
import { expandGrid, type Metrics, parseGrid, readTemplate, templateNames } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';
import { buildComparison } from './comparison-rows.ts';

const SEEDS = [101, 202, 303, 404];

type Given = number | Partial<Omit<ComparedRun, 'metrics'> & { metrics: Partial<Metrics> }>;

/** Conditions and succeeded runs of a grid; `value` gives the metric of a run. */
function arrange(
  grid: Record<string, unknown>,
  value: (condition: Omit<ComparedCondition, 'runs'>, seed: number) => Given,
) {
  const parsed = parseGrid({ name: 'rows', seeds: SEEDS, ...grid });
  const conditions = expandGrid(parsed).conditions.map(({ condition, levels }, position): ComparedCondition => {
    const compared = { id: `c${position}`, position, condition, levels };
    const runs = SEEDS.map((seed) => {
      const given = value(compared, seed);
      const run = {
        runId: `${compared.id}-${seed}`,
        seed,
        state: 'succeeded' as const,
        metrics: typeof given === 'number' ? { robustAccuracyFinal: given } : null,
        failureKind: null,
        weightHash: null,
        backendClass: 'wasm',
        stopped: null,
        gatesFailed: [],
      };
      return (typeof given === 'number' ? run : { ...run, ...given }) as ComparedRun;
    });
    return { ...compared, runs };
  });
  return { plans: parsed.compare, conditions };
}

const seeding = { factor: 'seedingMode', baseline: 'modern', metric: 'robustAccuracyFinal', margin: 0.01 };
const tiny = {
  axes: { augmentation: ['none', 'pad_crop', 'cutout'], seedingMode: ['modern', 'inherited', 'per_sample'] },
  exclude: [
    { augmentation: 'none', seedingMode: 'inherited' },
    { augmentation: 'none', seedingMode: 'per_sample' },
  ],
  compare: seeding,
};

const rowsOf = (grid: Record<string, unknown>, value: Parameters<typeof arrange>[1]) => {
  const { plans, conditions } = arrange(grid, value);
  return buildComparison(plans, conditions);
};

describe('buildComparison', () => {
  it('makes one row per level inside each group of the other axes', () => {
    const { rows, withoutBaseline } = rowsOf(tiny, () => 0.7);
    expect(rows.map(({ by, level, baseline }) => [by['augmentation'], level, baseline])).toEqual([
      [{ name: 'pad_crop', pad: 1 }, 'inherited', 'modern'],
      [{ name: 'pad_crop', pad: 1 }, 'per_sample', 'modern'],
      [{ name: 'cutout', length: 10 }, 'inherited', 'modern'],
      [{ name: 'cutout', length: 10 }, 'per_sample', 'modern'],
    ]);
    expect(rows.every((row) => !('seedingMode' in row.by) && row.paired && row.n === SEEDS.length)).toBe(true);
    expect(withoutBaseline).toEqual([]);
  });

  it.each(templateNames())('leaves no level of %s without its baseline', (name) => {
    const { plans, conditions } = arrange({ ...(readTemplate(name) as object), seeds: SEEDS }, () => 0.5);
    const { rows, withoutBaseline } = buildComparison(plans, conditions);
    expect(withoutBaseline).toEqual([]);
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(plans.map(({ id }) => id)));
  });

  it('subtracts the baseline of the same seed', () => {
    const { rows } = rowsOf(tiny, ({ condition }, seed) =>
      condition.seedingMode === 'inherited' ? seed / 1000 + 0.02 : seed / 1000,
    );
    const [row] = rows;
    expect(row.pairs.map(({ seed, runs }) => [seed, runs])).toEqual(
      SEEDS.map((seed) => [seed, { level: `c2-${seed}`, baseline: `c1-${seed}` }]),
    );
    for (const { difference } of row.pairs) expect(difference).toBeCloseTo(0.02, 12);
    expect(row.meanDifference).toBeCloseTo(0.02, 12);
    expect(rows[1]).toMatchObject({ identical: true, verdict: 'equivalent', meanDifference: 0 });
  });

  it('takes all primary rows of all plans as one Holm family', () => {
    const noise = [0.011, 0.018, 0.013, 0.021];
    const value = ({ condition }: Omit<ComparedCondition, 'runs'>, seed: number) =>
      0.5 + (condition.seedingMode === 'modern' ? 0 : noise[SEEDS.indexOf(seed)]);
    const grid = {
      axes: { seedingMode: ['modern', 'inherited', 'per_sample'] },
      compare: { ...seeding, margin: 0.001 },
    };
    const one = rowsOf({ ...grid, compare: { ...grid.compare, levels: ['inherited'] } }, value).rows;
    const both = rowsOf(grid, value).rows;
    const split = rowsOf(
      { ...grid, compare: ['inherited', 'per_sample'].map((level) => ({ ...grid.compare, levels: [level] })) },
      value,
    ).rows;
    expect(one).toHaveLength(1);
    expect(one[0].pHolm).toBe(one[0].pPairedT);
    expect(both[0].pHolm).toBeCloseTo(2 * (one[0].pPairedT ?? Number.NaN), 12);
    expect(split.map(({ pHolm }) => pHolm)).toEqual(both.map(({ pHolm }) => pHolm));
    expect(split.map(({ id }) => id)).toEqual(['comparison-1', 'comparison-2']);
  });

  it('lists what is missing and leaves it out of the mean', () => {
    const states: Record<number, Given> = {
      101: { state: 'failed', failureKind: 'out_of_memory' },
      202: { state: 'running' },
    };
    const { rows } = rowsOf(tiny, ({ condition }, seed) =>
      condition.seedingMode === 'inherited' ? (states[seed] ?? 0.6) : 0.5,
    );
    expect(rows[0].n).toBe(2);
    expect(rows[0].meanDifference).toBeCloseTo(0.1, 12);
    expect(rows[0].missing).toEqual([
      {
        seed: 101,
        side: 'level',
        run: 'c2-101',
        state: 'failed',
        failure: 'out_of_memory',
        reason: 'the run failed (out_of_memory)',
      },
      { seed: 202, side: 'level', run: 'c2-202', state: 'running', failure: null, reason: 'the run is running' },
    ]);
    expect(rows[0].diverged).toEqual([]);
  });

  it('treats a diverged run as an outcome that blocks the verdict', () => {
    const { rows } = rowsOf(tiny, ({ condition }, seed) =>
      condition.seedingMode === 'inherited' && seed === 101 ? { state: 'failed', failureKind: 'diverged' } : 0.5,
    );
    expect(rows[0]).toMatchObject({ verdict: 'undecided', missing: [] });
    expect(rows[0].diverged).toMatchObject([{ seed: 101, side: 'level', failure: 'diverged' }]);
    expect(rows[0].reason).toContain('diverged');
  });

  it('counts a seed that only one side has as missing', () => {
    const { plans, conditions } = arrange(tiny, () => 0.5);
    const { rows } = buildComparison(
      plans,
      conditions.map((condition) => ({ ...condition, runs: condition.runs.filter(({ runId }) => runId !== 'c1-303') })),
    );
    expect(rows[0].n).toBe(3);
    expect(rows[0].missing).toEqual([
      {
        seed: 303,
        side: 'baseline',
        run: null,
        state: 'absent',
        failure: null,
        reason: 'there is no run of this seed',
      },
    ]);
  });

  it('flags pairs across backend classes and lists the classes', () => {
    const { rows } = rowsOf(tiny, ({ condition }, seed) =>
      condition.seedingMode === 'inherited' && seed === 404
        ? { metrics: { robustAccuracyFinal: 0.5 }, backendClass: 'gpu' }
        : 0.5,
    );
    expect(rows[0].backends).toEqual(['gpu', 'wasm']);
    expect(rows[0].pairs.map(({ acrossBackends }) => acrossBackends)).toEqual([false, false, false, true]);
    expect(rows[1].backends).toEqual(['wasm']);
  });

  it('compares with an augmentation given by name, inside `where`', () => {
    const compare = {
      ...seeding,
      id: 'control',
      role: 'control',
      factor: 'augmentation',
      baseline: 'pad_crop',
      where: { seedingMode: 'modern' },
      expect: 'none is worse',
    };
    const { rows } = rowsOf({ ...tiny, compare }, () => 0.5);
    expect(rows.map(({ id, role, by, level, expect: expected }) => [id, role, by, level, expected])).toEqual([
      ['control', 'control', { seedingMode: 'modern' }, 'none', 'none is worse'],
      ['control', 'control', { seedingMode: 'modern' }, { name: 'cutout', length: 10 }, 'none is worse'],
    ]);
  });

  it('takes the first of two conditions that are the same', () => {
    const grid = { axes: { seedingMode: ['modern', 'inherited', 'inherited'] }, compare: seeding };
    const { rows } = rowsOf(grid, () => 0.5);
    expect(rows.map(({ pairs }) => pairs[0].runs.level)).toEqual(['c1-101']);
  });

  it('names levels that have no baseline with the same other axes', () => {
    const grid = {
      axes: { seedingMode: ['modern', 'inherited'], 'loader.workers': [2] },
      include: [{ seedingMode: 'single_process', 'loader.workers': 0 }],
      compare: seeding,
    };
    const { rows, withoutBaseline } = rowsOf(grid, () => 0.5);
    expect(rows.map(({ level }) => level)).toEqual(['inherited']);
    expect(withoutBaseline).toEqual([{ id: 'comparison-1', by: { 'loader.workers': 0 }, level: 'single_process' }]);
  });

  it('uses the direction of the metric', () => {
    const noise = [0.0001, 0.0002, 0.0001, 0.0003];
    const compare = { ...seeding, metric: 'robustDrop' };
    const { rows } = rowsOf({ axes: { seedingMode: ['modern', 'inherited'] }, compare }, ({ condition }, seed) => ({
      metrics: { robustDrop: condition.seedingMode === 'modern' ? 0 : 0.1 + noise[SEEDS.indexOf(seed)] },
    }));
    expect(rows[0]).toMatchObject({ metric: 'robustDrop', direction: 'lowerIsBetter', verdict: 'worse' });
  });
});
