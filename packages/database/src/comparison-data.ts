// What a comparison is computed from: the conditions of one experiment, each with what its seeds came to.
import type { Condition, EarlyStop, FailureKind, Metrics, RunState } from '@reseed/experiment';
import type { Database } from './open-database.ts';

export interface ComparedRun {
  readonly runId: string;
  readonly seed: number;
  readonly state: RunState;
  /** why it failed; null unless it has */
  readonly failureKind: FailureKind | null;
  /** null until it has succeeded, as the two below */
  readonly metrics: Metrics | null;
  readonly weightHash: string | null;
  readonly backendClass: string | null;
  /** why it ended before its last epoch; null too where every epoch was trained */
  readonly stopped: EarlyStop | null;
  /** names of the gates that failed on any of its weights, each once */
  readonly gatesFailed: readonly string[];
}

export interface ComparedCondition {
  readonly id: string;
  readonly position: number;
  readonly condition: Condition;
  readonly levels: Readonly<Record<string, unknown>>;
  /** one per seed, in the order of the grid */
  readonly runs: readonly ComparedRun[];
}

/** All conditions of the experiment by position; empty when there is no such experiment. */
export async function comparisonData(
  { client }: Database,
  experimentId: string,
): Promise<readonly ComparedCondition[]> {
  const conditions = await client.condition.findMany({ where: { experimentId }, orderBy: { position: 'asc' } });
  const rows = await client.$queryRaw<
    {
      id: string;
      condition_id: string;
      seed: bigint;
      state: RunState;
      failure_kind: FailureKind | null;
      metrics: Metrics | null;
      weight_hash: string | null;
      backend_class: string | null;
      stopped: EarlyStop | null;
      gates: string[];
    }[]
  >`
    SELECT id, condition_id, seed, state, failure->>'kind' AS failure_kind, metrics, weight_hash, backend_class, stopped,
      CASE WHEN gates_failed > 0 THEN
        ARRAY(SELECT DISTINCT gate FROM masking_gate WHERE masking_gate.run_id = run.id AND NOT passed ORDER BY gate)
      ELSE '{}' END AS gates
    FROM run WHERE experiment_id = ${experimentId}::uuid ORDER BY position`;
  const runs = new Map<string, ComparedRun[]>(conditions.map(({ id }) => [id, []]));
  for (const row of rows)
    runs.get(row.condition_id)?.push({
      runId: row.id,
      seed: Number(row.seed),
      state: row.state,
      failureKind: row.failure_kind,
      metrics: row.metrics,
      weightHash: row.weight_hash,
      backendClass: row.backend_class,
      stopped: row.stopped,
      gatesFailed: row.gates,
    });
  return conditions.map(({ id, position, spec, levels }) => ({
    id,
    position,
    condition: spec as unknown as Condition,
    levels: levels as Record<string, unknown>,
    runs: runs.get(id) ?? [],
  }));
}
