// Expands a grid into its conditions: product of the axes, minus exclude, plus include, every default resolved.
import { GridError, type GridIssue } from './grid-error.ts';
import type { Grid } from './grid.ts';
import { findConflicts } from './find-conflicts.ts';
import { readPath } from './axis.ts';
import { isAveragedMetric, type MetricName, strongMetricWeights } from './run-result.ts';
import { matchesCondition, matchesValue } from './match-condition.ts';
import { type Condition, resolveCondition, type Scheduling } from './parameters.ts';
import { nest } from './parse-parameters.ts';
import { canonicalJson, sha256Hex } from './run-spec.ts';

export const DEFAULT_RUN_LIMIT = 20_000;
/** Conditions, as a multiple of the run limit, from which a grid with excludes is refused unbuilt. */
const EXCLUDED_FACTOR = 10;

export interface ExpandedCondition {
  readonly condition: Condition;
  readonly scheduling: Scheduling;
  /** The resolved value of every axis of the grid, by dotted path: what groups are made of. */
  readonly levels: Readonly<Record<string, unknown>>;
  readonly conflicts: readonly GridIssue[];
}

export interface Expansion {
  readonly conditions: readonly ExpandedCondition[];
  readonly seeds: readonly number[];
  /** Groups of condition indices whose canonical spec is the same. */
  readonly duplicates: readonly (readonly number[])[];
  /** Groups of condition indices that differ only in a seeding mode that has nothing to draw (augmentation none). */
  readonly identical: readonly (readonly number[])[];
}

function* product(axes: readonly (readonly [string, readonly unknown[]])[]): Generator<Map<string, unknown>> {
  const [first, ...rest] = axes;
  if (first === undefined) {
    yield new Map();
    return;
  }
  const [path, values] = first;
  for (const value of values) for (const tail of product(rest)) yield new Map([[path, value], ...tail]);
}

function groupIndices(keys: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  keys.forEach((key, index) => groups.set(key, [...(groups.get(key) ?? []), index]));
  return [...groups.values()].filter((group) => group.length > 1);
}

/** What decides the bits of a run; without augmentation and with decoupled order, the seeding mode does not. */
function effectiveSpec(condition: Condition, spec: string): string {
  if (condition.augmentation !== 'none' || condition.loader.order !== 'decoupled') return spec;
  return hashOf({ ...condition, seedingMode: null, loader: { ...condition.loader, workers: null } });
}

/** Hashed, as the texts of 20,000 specs would take longer to keep than to hash. */
const hashOf = (spec: unknown): string => sha256Hex(canonicalJson(spec));

/** What a condition lacks for its runs to have a metric. */
function missingFor(metric: MetricName, { averaging, evaluation }: Condition): string | undefined {
  if (isAveragedMetric(metric) && averaging.decay === 0) return 'averaging.decay above 0';
  const weights = strongMetricWeights(metric);
  if (weights === undefined) return undefined;
  if (evaluation.attacks.length === 0) return 'evaluation.attacks';
  return evaluation.weights.includes(weights) ? undefined : `"${weights}" among evaluation.weights`;
}

function checkComparisons(grid: Grid, conditions: readonly ExpandedCondition[]): GridIssue[] {
  return grid.compare.flatMap(({ factor, baseline, levels, where, metric }, index): GridIssue[] => {
    const field = `compare[${index}]`;
    const scope = conditions.filter(({ condition }) => matchesCondition(Object.entries(where ?? {}), condition));
    if (scope.length === 0)
      return [{ field: `${field}.where`, message: 'matches no condition of the grid', value: where }];
    const needed = scope.map(({ condition }) => missingFor(metric, condition)).find((need) => need !== undefined);
    if (needed !== undefined) {
      const message = `${metric} needs ${needed} in every condition`;
      return [{ field: `${field}.metric`, message, value: metric }];
    }
    const named: [field: string, value: unknown][] = [
      [`${field}.baseline`, baseline],
      ...(levels ?? []).map((level, at): [string, unknown] => [`${field}.levels[${at}]`, level]),
    ];
    const missing = named.filter(
      ([, value]) => !scope.some(({ condition }) => matchesValue(value, readPath(condition, factor))),
    );
    const within = where === undefined ? '' : ` where ${JSON.stringify(where)}`;
    return missing.map(([at, value]) => ({
      field: at,
      message: `no condition of the grid has ${factor} = ${JSON.stringify(value)}${within}`,
      value,
    }));
  });
}

/**
 * @param options.runLimit most runs a grid may have (default 20,000)
 * @throws GridError when the grid is empty, over the limit, or compares what it does not hold
 */
export function expandGrid(grid: Grid, options: { readonly runLimit?: number | undefined } = {}): Expansion {
  const runLimit = options.runLimit ?? DEFAULT_RUN_LIMIT;
  const axes = [...grid.axes];
  const size = axes.reduce((total, [, values]) => total * values.length, 1) + grid.include.length;
  // What is too large is refused before it is built, as nothing else is served meanwhile; only excludes make it smaller.
  const most = grid.exclude.length === 0 ? runLimit / grid.seeds.length : EXCLUDED_FACTOR * runLimit;
  if (size > most) throw tooLarge(size, grid.seeds.length, runLimit);
  const paths = new Set([...grid.axes.keys(), ...grid.include.flatMap((values) => [...values.keys()])]);
  const build = (values: Map<string, unknown>): ExpandedCondition => {
    const { condition, scheduling } = resolveCondition(nest(new Map([...grid.base, ...values])));
    const levels = Object.fromEntries(
      [...paths].sort().map((path) => [path, readPath({ ...condition, ...scheduling }, path)]),
    );
    return { condition, scheduling, levels, conflicts: findConflicts(condition) };
  };
  const conditions: ExpandedCondition[] = [];
  for (const values of product(axes)) {
    const built = build(values);
    const parameters = { ...built.condition, ...built.scheduling };
    if (!grid.exclude.some((excluded) => matchesCondition(excluded, parameters))) conditions.push(built);
  }
  conditions.push(...grid.include.map((values) => build(new Map(values))));
  if (conditions.length === 0) throw new GridError([{ field: 'exclude', message: 'leaves no condition of the grid' }]);
  if (conditions.length * grid.seeds.length > runLimit) throw tooLarge(conditions.length, grid.seeds.length, runLimit);
  const issues = checkComparisons(grid, conditions);
  if (issues.length > 0) throw new GridError(issues);
  const specs = conditions.map(({ condition }) => hashOf(condition));
  const duplicates = groupIndices(specs);
  const identical = groupIndices(conditions.map(({ condition }, index) => effectiveSpec(condition, specs[index])));
  return { conditions, seeds: grid.seeds, duplicates, identical };
}

function tooLarge(conditions: number, seeds: number, runLimit: number): GridError {
  const runs = conditions * seeds;
  return new GridError([
    {
      field: 'axes',
      message: `a grid may have at most ${runLimit} runs, got ${conditions} conditions × ${seeds} seeds = ${runs}`,
      value: runs,
    },
  ]);
}
