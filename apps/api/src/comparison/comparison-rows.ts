// Builds the rows of a comparison: pairs every level of a factor with its baseline, seed by seed, and states a verdict.
import type { ComparedCondition, ComparedRun } from '@reseed/database';
import {
  canonicalJson,
  type ComparisonPlan,
  type FailureKind,
  matchesCondition,
  matchesValue,
  METRICS,
  type MetricName,
  readPath,
  type RunState,
} from '@reseed/experiment';
import { compareFamily, type ComparisonInput, type ComparisonOutput, type Outcome } from '@reseed/statistics';
import {
  type CompletePair,
  rowWarnings,
  runsWithFailedGates,
  type RunWithFailedGates,
  type StoppedRuns,
  stoppedRuns,
  withheldBecause,
} from './row-findings.ts';

export type Levels = Readonly<Record<string, unknown>>;

/** A run that gives no number: not finished, failed, cancelled, or finished without the metric. */
export interface AbsentRun {
  readonly seed: number;
  readonly side: 'level' | 'baseline';
  readonly run: string | null;
  readonly state: RunState | 'absent';
  readonly failure: FailureKind | null;
  /** why there is no number, in plain English */
  readonly reason: string;
}

export interface ComparedPair {
  readonly seed: number;
  readonly runs: { readonly level: string; readonly baseline: string };
  readonly difference: number;
  /** the two runs come from different backend classes, whose bits differ without any change of the spec */
  readonly acrossBackends: boolean;
}

type Numbers = Omit<ComparisonOutput, 'metric' | 'paired' | 'pairs' | 'missing' | 'diverged'>;

export interface ComparisonRow extends Numbers {
  readonly metric: MetricName;
  readonly factor: string;
  readonly by: Levels;
  readonly level: unknown;
  readonly baseline: unknown;
  readonly expect: string | null;
  readonly paired: boolean;
  readonly pairs: readonly ComparedPair[];
  /** Listed, never averaged over. */
  readonly missing: readonly AbsentRun[];
  readonly diverged: readonly AbsentRun[];
  readonly backends: readonly string[];
  /** The verdict is kept back, because gates against masked gradients failed. */
  readonly withheld: boolean;
  /** Of the runs of complete pairs. */
  readonly gatesFailed: readonly RunWithFailedGates[];
  /** Runs of complete pairs that ended before their last epoch. */
  readonly stopped: StoppedRuns;
  readonly warnings: readonly string[];
}

/** A level that has nothing to be compared with: no condition has the baseline and the same other axes. */
export interface WithoutBaseline {
  readonly id: string;
  readonly by: Levels;
  readonly level: unknown;
}

interface Match {
  readonly plan: ComparisonPlan;
  readonly by: Levels;
  readonly level: ComparedCondition;
  readonly baseline: ComparedCondition;
}

const factorValue = ({ condition }: ComparedCondition, factor: string): unknown => readPath(condition, factor);

const without = (levels: Levels, factor: string): Levels =>
  Object.fromEntries(Object.entries(levels).filter(([path]) => path !== factor));

/** Conditions of one group that share the factor's value are copies; counting both would replicate nothing. */
function firstOfEachValue(conditions: readonly ComparedCondition[], factor: string): ComparedCondition[] {
  const first = new Map<string, ComparedCondition>();
  for (const condition of conditions) {
    const key = canonicalJson(factorValue(condition, factor));
    if (!first.has(key)) first.set(key, condition);
  }
  return [...first.values()];
}

/** Groups the conditions of a plan by the grid's other axes and matches levels with baselines inside each group. */
function matchPlan(plan: ComparisonPlan, conditions: readonly ComparedCondition[]) {
  const { id, factor } = plan;
  const groups = new Map<string, ComparedCondition[]>();
  for (const condition of conditions.toSorted((a, b) => a.position - b.position)) {
    if (!matchesCondition(Object.entries(plan.where ?? {}), condition.condition)) continue;
    const key = canonicalJson(without(condition.levels, factor));
    groups.set(key, [...(groups.get(key) ?? []), condition]);
  }
  const matches: Match[] = [];
  const withoutBaseline: WithoutBaseline[] = [];
  for (const group of groups.values()) {
    const values = firstOfEachValue(group, factor);
    const isBaseline = (one: ComparedCondition) => matchesValue(plan.baseline, factorValue(one, factor));
    const isLevel = (one: ComparedCondition) =>
      !isBaseline(one) &&
      (plan.levels === undefined || plan.levels.some((written) => matchesValue(written, factorValue(one, factor))));
    const baselines = values.filter(isBaseline);
    const by = without(group[0].levels, factor);
    for (const level of values.filter(isLevel)) {
      if (baselines.length === 0) withoutBaseline.push({ id, by, level: factorValue(level, factor) });
      matches.push(...baselines.map((baseline) => ({ plan, by, level, baseline })));
    }
  }
  return { matches, withoutBaseline };
}

const isDiverged = (run: ComparedRun | undefined): boolean => run?.state === 'failed' && run.failureKind === 'diverged';

function outcome(run: ComparedRun | undefined, metric: MetricName): Outcome {
  if (isDiverged(run)) return 'diverged';
  return run?.state === 'succeeded' ? (run.metrics?.[metric] ?? null) : null;
}

type Sides = { readonly seed: number; readonly level?: ComparedRun; readonly baseline?: ComparedRun };

/** Both runs of every seed that either side has, by ascending seed. */
function sidesBySeed({ level, baseline }: Match): Sides[] {
  const sides = new Map<number, Sides>();
  for (const run of level.runs) sides.set(run.seed, { seed: run.seed, level: run });
  for (const run of baseline.runs) sides.set(run.seed, { ...sides.get(run.seed), seed: run.seed, baseline: run });
  return [...sides.values()].sort((a, b) => a.seed - b.seed);
}

/** The pairs that the statistics take as complete. */
function completePairs(sides: readonly Sides[], metric: MetricName): CompletePair[] {
  const hasValue = (run: ComparedRun | undefined): run is ComparedRun => typeof outcome(run, metric) === 'number';
  return sides.flatMap(({ level, baseline }) => (hasValue(level) && hasValue(baseline) ? [{ level, baseline }] : []));
}

function whyAbsent(run: ComparedRun | undefined, metric: MetricName): string {
  if (run === undefined) return 'there is no run of this seed';
  switch (run.state) {
    case 'queued':
    case 'running':
      return `the run is ${run.state}`;
    case 'cancelled':
      return 'the run was cancelled';
    case 'failed':
      return `the run failed (${run.failureKind ?? 'for an unknown reason'})`;
    case 'succeeded':
      return `the run reports no ${metric}`;
  }
}

function absentRuns(
  sides: readonly Sides[],
  metric: MetricName,
  isAbsent: (run: ComparedRun | undefined) => boolean,
): AbsentRun[] {
  return sides.flatMap((pair) =>
    (['level', 'baseline'] as const)
      .filter((side) => isAbsent(pair[side]))
      .map((side) => ({
        seed: pair.seed,
        side,
        run: pair[side]?.runId ?? null,
        state: pair[side]?.state ?? 'absent',
        failure: pair[side]?.failureKind ?? null,
        reason: whyAbsent(pair[side], metric),
      })),
  );
}

function describePair(difference: number, level: ComparedRun, baseline: ComparedRun): ComparedPair {
  return {
    seed: level.seed,
    runs: { level: level.runId, baseline: baseline.runId },
    difference,
    acrossBackends: level.backendClass !== baseline.backendClass,
  };
}

function rowOf({ plan, by, level, baseline }: Match, sides: readonly Sides[], output: ComparisonOutput): ComparisonRow {
  const { paired, pairs, missing: _, diverged: __, ...numbers } = output;
  const bySeed = new Map(sides.map((pair) => [pair.seed, pair]));
  const described = pairs.flatMap(({ seed, difference }) => {
    const { level: levelRun, baseline: baselineRun } = bySeed.get(seed) ?? {};
    return levelRun && baselineRun ? [describePair(difference, levelRun, baselineRun)] : [];
  });
  const complete = completePairs(sides, plan.metric);
  const gatesFailed = runsWithFailedGates(complete);
  const used = sides.flatMap((pair) => [pair.level, pair.baseline]).map((run) => run?.backendClass ?? null);
  return {
    ...numbers,
    id: plan.id,
    metric: plan.metric,
    factor: plan.factor,
    by,
    level: factorValue(level, plan.factor),
    baseline: factorValue(baseline, plan.factor),
    expect: plan.expect ?? null,
    paired: paired === 'paired',
    pairs: described,
    missing: absentRuns(sides, plan.metric, (run) => !isDiverged(run) && outcome(run, plan.metric) === null),
    diverged: absentRuns(sides, plan.metric, isDiverged),
    backends: [...new Set(used)].filter((backend) => backend !== null).sort(),
    withheld: withheldBecause(plan.metric, complete, gatesFailed) !== undefined,
    gatesFailed,
    stopped: stoppedRuns(complete),
    warnings: rowWarnings(complete),
  };
}

/**
 * All plans are one call of the statistics, so that all primary rows form one Holm family.
 *
 * @returns rows in the order of the plans, then of the conditions; and the levels that have no baseline
 */
export function buildComparison(
  plans: readonly ComparisonPlan[],
  conditions: readonly ComparedCondition[],
): { rows: ComparisonRow[]; withoutBaseline: WithoutBaseline[] } {
  const perPlan = plans.map((plan) => matchPlan(plan, conditions));
  const matches = perPlan.flatMap((plan) => plan.matches);
  const sides = matches.map(sidesBySeed);
  const outputs = compareFamily(
    matches.map(({ plan }, index): ComparisonInput => {
      const complete = completePairs(sides[index], plan.metric);
      const withheld = withheldBecause(plan.metric, complete, runsWithFailedGates(complete));
      return {
        id: String(index),
        role: plan.role,
        metric: plan.metric,
        direction: METRICS[plan.metric].direction,
        margin: plan.margin,
        paired: 'paired',
        pairs: sides[index].map(({ seed, level, baseline }) => ({
          seed,
          level: outcome(level, plan.metric),
          baseline: outcome(baseline, plan.metric),
        })),
        ...(withheld === undefined ? {} : { withheld }),
      };
    }),
  );
  return {
    rows: matches.map((match, index) => rowOf(match, sides[index], outputs[index])),
    withoutBaseline: perPlan.flatMap((plan) => plan.withoutBaseline),
  };
}
