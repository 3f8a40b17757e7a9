// Writes an experiment, its conditions and its runs in one statement, or finds the one that has its idempotency key.
import type { ComparisonPlan, Condition, DeviceClass } from '@reseed/experiment';
import { type Experiment, toExperiment } from './experiment.ts';
import type { Database } from './open-database.ts';
import { countRuns, noRuns } from './run-counts.ts';

export interface NewCondition {
  readonly id: string;
  readonly position: number;
  readonly spec: Condition;
  /** the value of every axis of the grid, by dotted path */
  readonly levels: Readonly<Record<string, unknown>>;
  /** which seeds of the experiment share augmentation streams in it; any JSON */
  readonly seedCollisions: unknown;
}

export interface NewRun {
  readonly id: string;
  readonly conditionId: string;
  /** 0…2^32−1 */
  readonly seed: number;
  /** order inside the experiment, seeds outermost */
  readonly position: number;
  readonly runKey: string;
  readonly deviceClass: DeviceClass;
  /** larger first */
  readonly priority: number;
}

export interface NewExperiment {
  readonly id: string;
  readonly name: string;
  /** the grid as posted */
  readonly grid: unknown;
  readonly gridHash: string;
  /** null: the POST may be repeated and makes a new experiment each time */
  readonly idempotencyKey: string | null;
  readonly compare: readonly ComparisonPlan[];
  readonly conditions: readonly NewCondition[];
  readonly runs: readonly NewRun[];
}

export type InsertedExperiment =
  | { readonly outcome: 'inserted'; readonly experiment: Experiment }
  /** The key was taken; `sameBody` says whether by the same grid. Nothing was written. */
  | { readonly outcome: 'existing'; readonly experiment: Experiment; readonly sameBody: boolean };

/**
 * All ids are UUIDv7 made by the caller. Of several callers with one key, whatever their timing, exactly one inserts:
 * the others wait in ON CONFLICT until it has committed.
 */
export async function insertExperiment(database: Database, created: NewExperiment): Promise<InsertedExperiment> {
  const inserted = await insert(database, created);
  if (inserted !== undefined) {
    const { id, name, grid, gridHash, compare, conditions, runs } = created;
    const sizes = { conditionCount: conditions.length, runCount: runs.length };
    const counts = { ...noRuns(), queued: runs.length };
    const experiment = { id, name, grid, gridHash, compare, ...sizes, createdAt: inserted, counts };
    return { outcome: 'inserted', experiment };
  }
  const row = await database.client.experiment.findUniqueOrThrow({
    where: { idempotencyKey: created.idempotencyKey ?? '' },
  });
  const counts = await countRuns(database, [row.id]);
  return {
    outcome: 'existing',
    experiment: toExperiment(row, counts.get(row.id) ?? noRuns()),
    sameBody: row.gridHash === created.gridHash,
  };
}

/** One statement is one transaction and one round trip. @returns when it was created, or undefined: the key was taken */
async function insert({ client }: Database, created: NewExperiment): Promise<Date | undefined> {
  const { conditions, runs } = created;
  const rows = await client.$queryRaw<{ created_at: Date }[]>`
    WITH inserted AS (
      INSERT INTO experiment (id, name, grid, grid_hash, idempotency_key, compare, condition_count, run_count)
      VALUES (${created.id}::uuid, ${created.name}, ${JSON.stringify(created.grid)}::jsonb, ${created.gridHash},
              ${created.idempotencyKey}, ${JSON.stringify(created.compare)}::jsonb, ${conditions.length}, ${runs.length})
      ON CONFLICT (idempotency_key) DO NOTHING
      RETURNING id, created_at
    ), new_conditions AS (
      INSERT INTO condition (id, experiment_id, position, spec, levels, seed_collisions)
      SELECT c.id, inserted.id, c.position, c.spec, c.levels, c.seed_collisions
      FROM inserted, unnest(
        ${conditions.map(({ id }) => id)}::uuid[],
        ${conditions.map(({ position }) => position)}::int[],
        ${conditions.map(({ spec }) => JSON.stringify(spec))}::jsonb[],
        ${conditions.map(({ levels }) => JSON.stringify(levels))}::jsonb[],
        ${conditions.map(({ seedCollisions }) => JSON.stringify(seedCollisions))}::jsonb[]
      ) AS c (id, position, spec, levels, seed_collisions)
    ), new_runs AS (
      INSERT INTO run (id, experiment_id, condition_id, seed, position, run_key, device_class, priority)
      SELECT r.id, inserted.id, r.condition_id, r.seed, r.position, r.run_key, r.device_class, r.priority
      FROM inserted, unnest(
        ${runs.map(({ id }) => id)}::uuid[],
        ${runs.map(({ conditionId }) => conditionId)}::uuid[],
        ${runs.map(({ seed }) => seed)}::bigint[],
        ${runs.map(({ position }) => position)}::int[],
        ${runs.map(({ runKey }) => runKey)}::text[],
        ${runs.map(({ deviceClass }) => deviceClass)}::text[],
        ${runs.map(({ priority }) => priority)}::int[]
      ) AS r (id, condition_id, seed, position, run_key, device_class, priority)
    )
    SELECT created_at FROM inserted`;
  return rows[0]?.created_at;
}
