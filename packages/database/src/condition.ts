// Conditions as they are read: one combination of the axes, with what was found out about it when it was posted.
import type { Condition } from '@reseed/experiment';
import type { Database } from './open-database.ts';

export interface ConditionOfExperiment {
  readonly id: string;
  readonly position: number;
  readonly spec: Condition;
  readonly levels: Readonly<Record<string, unknown>>;
  /** null for what was posted before this was counted */
  readonly seedCollisions: unknown;
}

/** The conditions of one experiment in their order. */
export async function listConditions(database: Database, experimentId: string): Promise<ConditionOfExperiment[]> {
  const rows = await database.client.condition.findMany({ where: { experimentId }, orderBy: { position: 'asc' } });
  return rows.map(({ id, position, spec, levels, seedCollisions }) => ({
    id,
    position,
    spec: spec as unknown as Condition,
    levels: levels as Record<string, unknown>,
    seedCollisions,
  }));
}
