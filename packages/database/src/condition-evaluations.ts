// The final evaluations of an experiment, averaged over the seeds of each condition.
import type { EvaluatedWeights } from '@reseed/experiment';
import { type EvaluationName, readStage, storedStage } from './evaluation.ts';
import { Prisma } from './generated/client.ts';
import type { Database } from './open-database.ts';

export interface AveragedEvaluation extends EvaluationName {
  readonly images: number;
  /** runs that have it */
  readonly n: number;
  /** of the accuracies, over the runs */
  readonly mean: number;
  /** sample standard deviation (divisor n − 1); null for one run */
  readonly sd: number | null;
}

export interface ConditionEvaluations {
  readonly conditionId: string;
  readonly position: number;
  readonly levels: Readonly<Record<string, unknown>>;
  /** the n of a complete evaluation: its seeds */
  readonly runs: number;
  /** by weights, then in the order of the results; only those that a run has */
  readonly evaluations: readonly AveragedEvaluation[];
}

interface ConditionRow {
  readonly id: string;
  readonly position: number;
  readonly levels: Readonly<Record<string, unknown>>;
  readonly runs: number;
}

interface AveragedRow {
  readonly condition_id: string;
  readonly weights: EvaluatedWeights;
  readonly attack: string;
  readonly stage: string;
  readonly images: number;
  readonly n: number;
  readonly mean: number;
  readonly sd: number | null;
}

export interface EvaluationQuery {
  readonly experimentId: string;
  /** only these */
  readonly weights?: EvaluatedWeights;
  readonly attack?: string;
  /** null: only evaluations as a whole */
  readonly stage?: string | null;
  readonly limit: number;
  /** the `nextCursor` of the page before: a position */
  readonly cursor?: number;
}

/** The conditions in their order, those without a result too; `nextCursor` is null on the last page. */
export async function listConditionEvaluations(
  { client }: Database,
  query: EvaluationQuery,
): Promise<{ readonly items: readonly ConditionEvaluations[]; readonly nextCursor: number | null }> {
  const { experimentId, weights, attack, stage, limit, cursor = -1 } = query;
  // Counted here: Prisma's own _count would count the runs of all conditions of all experiments.
  const conditions = await client.$queryRaw<ConditionRow[]>`
    SELECT id, position, levels, (SELECT count(*)::int FROM run WHERE run.condition_id = condition.id) AS runs
    FROM condition WHERE experiment_id = ${experimentId}::uuid AND position > ${cursor}::int
    ORDER BY position LIMIT ${limit + 1}`;
  const page = conditions.slice(0, limit);
  const wanted = [
    Prisma.sql`evaluation.experiment_id = ${experimentId}::uuid`,
    // Of both tables, or the planner reads the runs of all experiments.
    Prisma.sql`run.experiment_id = ${experimentId}::uuid`,
    Prisma.sql`run.condition_id = ANY(${page.map(({ id }) => id)}::uuid[])`,
    ...(weights === undefined ? [] : [Prisma.sql`evaluation.weights = ${weights}`]),
    ...(attack === undefined ? [] : [Prisma.sql`evaluation.attack = ${attack}`]),
    ...(stage === undefined ? [] : [Prisma.sql`evaluation.stage = ${storedStage(stage)}`]),
  ];
  const rows = await client.$queryRaw<AveragedRow[]>`
    SELECT run.condition_id, weights, attack, stage, min(images) AS images, count(*)::int AS n, avg(accuracy) AS mean,
           stddev_samp(accuracy) AS sd
    FROM evaluation JOIN run ON run.id = evaluation.run_id
    WHERE ${Prisma.join(wanted, ' AND ')}
    GROUP BY run.condition_id, weights, attack, stage
    ORDER BY weights, min(evaluation.position), attack, stage`;
  const averages = new Map(page.map(({ id }): [string, AveragedEvaluation[]] => [id, []]));
  for (const { condition_id: id, stage: stored, ...row } of rows)
    averages.get(id)?.push({ ...row, stage: readStage(stored) });
  return {
    items: page.map(({ id, ...condition }) => ({
      conditionId: id,
      ...condition,
      evaluations: averages.get(id) ?? [],
    })),
    nextCursor: conditions.length > limit ? page[page.length - 1].position : null,
  };
}
