// Reads a posted grid: checks every field, spreads the seeds, and keeps what was written in canonical form.
import { spreadSeeds } from '@reseed/rng';
import { z } from 'zod';
import { type ComparisonPlan, comparisonPlanSchema } from './comparison-plan.ts';
import { GridError, type GridIssue, unknownName } from './grid-error.ts';
import { AXES } from './parameters.ts';
import { parseParameters, type ParameterValues } from './parse-parameters.ts';
import { checkAxisValue, explainIssues } from './parse-value.ts';

const seed = z.int().min(0).max(0xffffffff);

export const seedsSchema = z.union([
  z.array(seed).min(1).max(20_000),
  z.strictObject({ count: z.int().min(1).max(20_000), master: seed.default(0) }),
]);

const parameters = z.record(z.string(), z.unknown());

/** The shape of a grid, for the API's documentation; `parseGrid` checks the values in full. */
export const gridSchema = z.strictObject({
  name: z.string().min(1).max(200),
  description: z.string().max(4000).optional(),
  dataset: parameters
    .optional()
    .describe('dataset parameters: name, trainSize, validationSize, testSize, splitSeed; of images also what they are'),
  base: parameters.optional().describe('parameters that every condition shares; nested or dotted names'),
  axes: parameters.optional().describe('axis → list of values; the grid is their product'),
  seeds: seedsSchema,
  include: z.array(parameters).max(1000).optional().describe('conditions added to the product'),
  exclude: z.array(parameters).max(1000).optional().describe('axis values of conditions left out of the product'),
  compare: z.union([comparisonPlanSchema, z.array(comparisonPlanSchema).min(1).max(100)]).optional(),
});

/** A grid whose every field is checked. */
export interface Grid {
  readonly name: string;
  readonly base: ParameterValues;
  readonly axes: ReadonlyMap<string, readonly unknown[]>;
  readonly seeds: readonly number[];
  readonly include: readonly ParameterValues[];
  readonly exclude: readonly ParameterValues[];
  readonly compare: readonly ComparisonPlan[];
}

type Body = Record<string, unknown>;

function parseSeeds(value: unknown, issues: GridIssue[]): number[] {
  const kind = Array.isArray(value) ? seedsSchema.options[0] : seedsSchema.options[1];
  const parsed = kind.safeParse(value);
  if (!parsed.success) {
    if (typeof value !== 'object' || value === null)
      issues.push({
        field: 'seeds',
        message: `must be a list of seeds or { count, master }, ${value === undefined ? 'it is missing' : `got ${JSON.stringify(value)}`}`,
        ...(value === undefined ? {} : { value }),
      });
    else issues.push(...explainIssues(parsed.error.issues, 'seeds', value, ['count', 'master']));
    return [];
  }
  if (Array.isArray(parsed.data)) {
    for (const repeated of repeatedIn(parsed.data))
      issues.push({ field: 'seeds', message: `each seed may stand once, got ${repeated} twice`, value: repeated });
    return parsed.data;
  }
  const { master } = parsed.data;
  const spread = spreadSeeds(parsed.data);
  // Spread seeds have 32 bits: of 20,000 two are equal for one master in 22.
  for (const repeated of repeatedIn(spread))
    issues.push({
      field: 'seeds.master',
      message: `must give seeds that differ, got ${master}, which gives ${repeated} twice; choose another`,
      value: master,
    });
  return spread;
}

function repeatedIn(seeds: readonly number[]): Set<number> {
  const seen = new Set<number>();
  return new Set(seeds.filter((item) => seen.size === seen.add(item).size));
}

function parseList(body: Body, key: 'include' | 'exclude', issues: GridIssue[]): ParameterValues[] {
  const list = body[key];
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length > 1000) {
    const found = Array.isArray(list) ? `${list.length} of them` : JSON.stringify(list);
    issues.push({
      field: key,
      message: `must be a list of at most 1000 objects of parameters, got ${found}`,
      value: list,
    });
    return [];
  }
  return list.map((item, index) => parseParameters(item, `${key}[${index}]`, 'single', issues));
}

function parseCompare(value: unknown, issues: GridIssue[]): ComparisonPlan[] {
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > 100)
    issues.push({ field: 'compare', message: `must hold 1 to 100 comparisons, got ${list.length}` });
  const ids = new Set<string>();
  return list.flatMap((item, index) => {
    const field = Array.isArray(value) ? `compare[${index}]` : 'compare';
    const plan = parsePlan(item, field, issues);
    if (plan === undefined) return [];
    const id = plan.id ?? `comparison-${index + 1}`;
    if (ids.has(id))
      issues.push({ field: `${field}.id`, message: `each id may stand once, got "${id}" twice`, value: id });
    ids.add(id);
    return [{ ...plan, id }];
  });
}

/** Checks the values of factor, baseline, levels and where even when other fields are wrong, so that all is said at once. */
function parsePlan(
  item: unknown,
  field: string,
  issues: GridIssue[],
): z.infer<typeof comparisonPlanSchema> | undefined {
  const parsed = comparisonPlanSchema.safeParse(item);
  const known = Object.keys(comparisonPlanSchema.shape);
  if (!parsed.success) issues.push(...explainIssues(parsed.error.issues, field, item, known));
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  const { factor, baseline, levels, where } = item as Body;
  if (typeof factor === 'string') {
    const axis = AXES.get(factor);
    if (axis === undefined) issues.push({ ...unknownName(`${field}.factor`, factor, AXES.keys()), value: factor });
    else {
      if (baseline !== undefined) issues.push(...checkAxisValue(factor, axis, baseline, `${field}.baseline`));
      if (Array.isArray(levels))
        levels.forEach((level, at) => issues.push(...checkAxisValue(factor, axis, level, `${field}.levels[${at}]`)));
    }
  }
  // The schema has said what is wrong with a `where` that is no object.
  if (typeof where !== 'object' || where === null || Array.isArray(where)) return parsed.data;
  const scope = Object.fromEntries(parseParameters(where, `${field}.where`, 'single', issues));
  return parsed.success ? { ...parsed.data, where: scope } : undefined;
}

/**
 * Checks a grid as posted.
 * @throws GridError with every issue found, each naming field, value and limit
 */
export function parseGrid(body: unknown): Grid {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new GridError([{ field: '', message: `a grid is an object, got ${JSON.stringify(body)}`, value: body }]);
  }
  const given = body as Body;
  const issues: GridIssue[] = Object.keys(given)
    .filter((key) => !Object.hasOwn(gridSchema.shape, key))
    .map((key) => unknownName(key, key, Object.keys(gridSchema.shape)));
  for (const key of ['name', 'description'] as const) {
    const parsed = gridSchema.shape[key].safeParse(given[key]);
    if (!parsed.success) issues.push(...explainIssues(parsed.error.issues, key, given[key]));
  }
  const base = parseParameters(given['base'], 'base', 'single', issues);
  if (given['dataset'] !== undefined) {
    for (const [path, value] of parseParameters({ dataset: given['dataset'] }, '', 'single', issues)) {
      if (base.has(path)) issues.push({ field: `base.${path}`, message: `is given twice, as ${path} and in base` });
      base.set(path, value);
    }
  }
  const axes = parseParameters(given['axes'], 'axes', 'list', issues) as Map<string, unknown[]>;
  for (const path of axes.keys()) {
    if (base.has(path))
      issues.push({
        field: `axes.${path}`,
        message: 'is an axis and stands in base (or dataset) too; keep one of them',
      });
  }
  const seeds = parseSeeds(given['seeds'], issues);
  const include = parseList(given, 'include', issues);
  const exclude = parseList(given, 'exclude', issues);
  const compare = parseCompare(given['compare'], issues);
  if (issues.length > 0) throw new GridError(issues);
  return { name: given['name'] as string, base, axes, seeds, include, exclude, compare };
}
