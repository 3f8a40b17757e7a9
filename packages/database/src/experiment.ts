// Experiments as they are read: one submitted grid with the counts of its runs.
import type { ComparisonPlan } from '@reseed/experiment';
import type { Experiment as ExperimentRow } from './generated/client.ts';
import type { Database } from './open-database.ts';
import { type RunCounts, countRuns, noRuns } from './run-counts.ts';

export interface Experiment {
  /** UUIDv7 */
  readonly id: string;
  readonly name: string;
  /** the grid as posted */
  readonly grid: unknown;
  /** sha256 of the grid's canonical JSON */
  readonly gridHash: string;
  readonly compare: readonly ComparisonPlan[];
  readonly conditionCount: number;
  readonly runCount: number;
  readonly createdAt: Date;
  readonly counts: RunCounts;
}

export const toExperiment = (row: ExperimentRow, counts: RunCounts): Experiment => ({
  id: row.id,
  name: row.name,
  grid: row.grid,
  gridHash: row.gridHash,
  compare: row.compare as unknown as ComparisonPlan[],
  conditionCount: row.conditionCount,
  runCount: row.runCount,
  createdAt: row.createdAt,
  counts,
});

/** One experiment with its runs counted per state, or undefined. */
export async function readExperiment(database: Database, id: string): Promise<Experiment | undefined> {
  const [row, counts] = await Promise.all([
    database.client.experiment.findUnique({ where: { id } }),
    countRuns(database, [id]),
  ]);
  return row === null ? undefined : toExperiment(row, counts.get(id) ?? noRuns());
}

/**
 * Newest first.
 *
 * @param options.cursor the `nextCursor` of the page before
 * @returns at most `limit` experiments; `nextCursor` is null on the last page
 */
export async function listExperiments(
  database: Database,
  options: { readonly limit: number; readonly cursor?: string },
): Promise<{ readonly items: readonly Experiment[]; readonly nextCursor: string | null }> {
  const { limit, cursor } = options;
  const rows = await database.client.experiment.findMany({
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit + 1,
    ...(cursor === undefined ? {} : { cursor: { id: cursor }, skip: 1 }),
  });
  const page = rows.slice(0, limit);
  const counts = await countRuns(
    database,
    page.map(({ id }) => id),
  );
  return {
    items: page.map((row) => toExperiment(row, counts.get(row.id) ?? noRuns())),
    nextCursor: rows.length > limit ? page[page.length - 1].id : null,
  };
}
