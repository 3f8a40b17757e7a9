// What withholds a verdict, what is only told with it, and metrics that a run does not have.
import type { ComparedRun } from '@reseed/database';
import { expandGrid, METRIC_NAMES, type MetricName, parseGrid } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';
import { buildComparison, type ComparisonRow } from './comparison-rows.ts';

const SEEDS = [11, 22, 33, 44];
type Side = 'modern' | 'inherited';

/** One row, inherited against modern; every metric of a run is `value`, unless it is changed. */
function rowOf(
  metric: MetricName,
  value: (side: Side, seed: number) => number,
  change: (side: Side, seed: number) => Partial<ComparedRun> = () => ({}),
): ComparisonRow {
  const grid = parseGrid({ name: 'findings', seeds: SEEDS, axes: { seedingMode: ['modern', 'inherited'] } });
  // As a query asks, which unlike a grid may name metrics that its runs do not have.
  const plan = {
    id: 'findings',
    factor: 'seedingMode',
    baseline: 'modern',
    metric,
    margin: 0.01,
    role: 'primary',
  } as const;
  const conditions = expandGrid(grid).conditions.map(({ condition, levels }, position) => {
    const side = condition.seedingMode as Side;
    const runs = SEEDS.map((seed) => {
      const metrics = Object.fromEntries(METRIC_NAMES.map((name) => [name, value(side, seed)]));
      const run = {
        runId: `${side}-${seed}`,
        seed,
        state: 'succeeded',
        failureKind: null,
        metrics,
        weightHash: null,
        backendClass: 'wasm',
        stopped: null,
        gatesFailed: [],
      };
      return { ...run, ...change(side, seed) } as ComparedRun;
    });
    return { id: side, position, condition, levels, runs };
  });
  return buildComparison([plan], conditions).rows[0];
}

const NOISE = [0.001, 0.004, 0.002, 0.003];
/** Clearly better under inherited. */
const better = (side: Side, seed: number) => (side === 'modern' ? 0.5 : 0.55 + NOISE[SEEDS.indexOf(seed)]);

describe('a failed gate in a run of a pair', () => {
  const gates = (side: Side, seed: number): Partial<ComparedRun> => {
    if (side === 'inherited' && seed === 22) return { gatesFailed: ['ce-and-cw-agree', 'square-no-stronger'] };
    return side === 'modern' && seed === 44 ? { gatesFailed: ['square-no-stronger'] } : {};
  };

  it.each(METRIC_NAMES.filter((name) => !name.startsWith('clean')))(
    'withholds the verdict on %s, and leaves its numbers',
    (metric) => {
      const clean = rowOf(metric, better);
      const row = rowOf(metric, better, gates);
      expect(['better', 'worse']).toContain(clean.verdict);
      expect([clean.withheld, clean.gatesFailed, clean.reason]).toEqual([false, [], null]);
      expect(row).toEqual({
        ...clean,
        verdict: 'undecided',
        differs: false,
        withheld: true,
        gatesFailed: [
          { runId: 'inherited-22', gates: ['ce-and-cw-agree', 'square-no-stronger'] },
          { runId: 'modern-44', gates: ['square-no-stronger'] },
        ],
        reason:
          'gates against masked gradients failed in 2 of 8 runs (ce-and-cw-agree in 1, square-no-stronger in 2), ' +
          'so what looks robust may only have met attacks that were too weak',
      });
    },
  );

  it.each(['cleanAccuracy', 'cleanAccuracyWa'] as const)('is listed beside %s, which no attack made', (metric) => {
    expect(rowOf(metric, better, gates)).toMatchObject({
      verdict: 'better',
      withheld: false,
      reason: null,
      gatesFailed: { length: 2 },
    });
  });

  it('withholds identity too, and does not count where the pair is incomplete', () => {
    expect(rowOf('robustAccuracyFinal', () => 0.5, gates)).toMatchObject({ verdict: 'undecided', identical: true });
    const alone = rowOf('robustAccuracyFinal', better, (side, seed) =>
      seed === 22 ? { ...gates(side, seed), ...(side === 'modern' ? { state: 'running', metrics: null } : {}) } : {},
    );
    expect(alone).toMatchObject({ verdict: 'better', withheld: false, gatesFailed: [], n: 3 });
  });
});

describe('early stops', () => {
  const stopped = { epoch: 3, reason: 'catastrophic_overfitting' } as const;

  it('on one side of a pair are counted and warned of; the verdict stays', () => {
    const row = rowOf('robustAccuracyFinal', better, (side, seed) =>
      side === 'modern' && seed < 40 ? { stopped } : {},
    );
    expect(row).toMatchObject({ verdict: 'better', stopped: { level: 0, baseline: 3 } });
    expect(row.warnings).toEqual([
      'training ended early in 0 of 4 runs of the level and in 3 of the baseline; ' +
        'in 3 pairs only one side did, so that trainings of different length are compared',
    ]);
  });

  it('warn as often as pairs are unequal, not as sides are: two different seeds are two pairs', () => {
    const row = rowOf('robustAccuracyFinal', better, (side, seed) =>
      seed === (side === 'modern' ? 11 : 22) ? { stopped } : {},
    );
    expect(row.stopped).toEqual({ level: 1, baseline: 1 });
    expect(row.warnings).toEqual([expect.stringContaining('in 2 pairs only one side did')]);
  });

  it('on both sides of every pair are counted without a warning', () => {
    const row = rowOf('robustAccuracyFinal', better, () => ({ stopped: { epoch: 9, reason: 'no_improvement' } }));
    expect([row.stopped, row.warnings]).toEqual([{ level: 4, baseline: 4 }, []]);
  });
});

describe('a metric that a run does not have', () => {
  it.each(METRIC_NAMES)('%s leaves its pair out, and the run is listed with the reason', (metric) => {
    const row = rowOf(metric, better, (side, seed) => {
      const { [metric]: _, ...metrics } = Object.fromEntries(METRIC_NAMES.map((name) => [name, better(side, seed)]));
      return side === 'modern' && seed === 33 ? { metrics: metrics as ComparedRun['metrics'] } : {};
    });
    expect(row.n).toBe(3);
    expect(row.missing).toEqual([
      {
        seed: 33,
        side: 'baseline',
        run: 'modern-33',
        state: 'succeeded',
        failure: null,
        reason: `the run reports no ${metric}`,
      },
    ]);
    expect(row.meanDifference).toBeCloseTo(0.05 + (NOISE[0] + NOISE[1] + NOISE[3]) / 3, 12);
  });

  it('in every run makes a row without numbers, which says so', () => {
    const row = rowOf('robustAccuracyFinalWa', better, () => ({ metrics: null }));
    expect(row).toMatchObject({ n: 0, verdict: 'undecided', meanDifference: null, ci95: null, pPairedT: null });
    expect(row.missing).toHaveLength(2 * SEEDS.length);
    expect(row.reason).toContain('no seed has a value of the metric on both sides');
  });
});
