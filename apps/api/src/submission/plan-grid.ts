// Reads a posted grid and expands it: what POST stores and what a dry run shows.
import { expandGrid, type Expansion, type Grid, GridError, type GridIssue, parseGrid } from '@reseed/experiment';
import type { SeedCollisions } from '@reseed/dataloader';
import { seedWarnings, sharedSeeds } from './shared-seeds.ts';

export interface GridPlan {
  /** as posted */
  readonly body: unknown;
  readonly grid: Grid;
  readonly expansion: Expansion;
  /** Of each condition: which seeds share augmentation streams. */
  readonly seedCollisions: readonly SeedCollisions[];
  /** What is allowed but probably not meant, one sentence each. */
  readonly warnings: readonly string[];
}

/** A condition that cannot run. */
export interface InvalidCondition {
  readonly position: number;
  readonly levels: Readonly<Record<string, unknown>>;
  readonly issues: readonly GridIssue[];
}

/** Postgres stores neither NUL nor half of a surrogate pair. */
const STORABLE = /^[^\0\p{Surrogate}]*$/u;

/** The texts of a grid that are free, by field; all others are names that the reader knows. */
function freeTexts(body: unknown, { name, compare }: Grid): [field: string, text: string | undefined][] {
  return [
    ['name', name],
    ['description', (body as { description?: string }).description],
    ...compare.flatMap(({ id, expect }, index): [string, string | undefined][] => [
      [`compare[${index}].id`, id],
      [`compare[${index}].expect`, expect],
    ]),
  ];
}

function duplicateWarnings({ duplicates }: Expansion): string[] {
  return duplicates.map(
    (positions) => `conditions ${positions.join(', ')} have the same spec and will be trained once each`,
  );
}

/**
 * @param options.runLimit most runs the grid may have, if not the usual number
 * @throws GridError with every issue of a malformed grid
 */
export function planGrid(body: unknown, options: { readonly runLimit?: number | undefined } = {}): GridPlan {
  const grid = parseGrid(body);
  const issues = freeTexts(body, grid)
    .filter(([, text]) => text !== undefined && !STORABLE.test(text))
    .map(([field, value]): GridIssue => ({ field, message: 'must not hold NUL or broken Unicode', value }));
  if (issues.length > 0) throw new GridError(issues);
  const expansion = expandGrid(grid, options);
  const conditions = expansion.conditions.map(({ condition }) => condition);
  const seedCollisions = sharedSeeds(conditions, expansion.seeds);
  const warnings = [...seedWarnings(conditions, seedCollisions), ...duplicateWarnings(expansion)];
  return { body, grid, expansion, seedCollisions, warnings };
}

export function invalidConditions({ expansion }: GridPlan): InvalidCondition[] {
  return expansion.conditions.flatMap(({ levels, conflicts }, position) =>
    conflicts.length === 0 ? [] : [{ position, levels, issues: conflicts }],
  );
}
