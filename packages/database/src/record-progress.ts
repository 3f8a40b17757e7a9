// Ledger: the attempt that holds a run reports epochs, and its audit of repeated randomness.
import type { EpochMetrics } from '@reseed/experiment';
import type { Stale } from './claim-run.ts';
import type { Database } from './open-database.ts';

export interface RecordedProgress {
  readonly runId: string;
  readonly experimentId: string;
  readonly attempt: number;
  /** the latest epoch known */
  readonly epoch: number | null;
}

const newestRobustAccuracy = (epochs: readonly EpochMetrics[]): number | null =>
  epochs
    .map(({ validationRobustAccuracy, testRobustAccuracy }) => validationRobustAccuracy ?? testRobustAccuracy)
    .findLast((accuracy) => accuracy !== null) ?? null;

/**
 * Adds a batch of epochs of the attempt. A batch sent again after a lost answer, however late, changes nothing.
 *
 * @param options.epochs ascending, any number
 * @param options.audit replaces the audit recorded before
 */
export async function recordProgress(
  { client }: Database,
  options: {
    readonly runId: string;
    readonly attempt: number;
    readonly epochs: readonly EpochMetrics[];
    readonly audit?: unknown;
  },
): Promise<RecordedProgress | Stale> {
  const { runId, attempt, epochs, audit } = options;
  const latest = epochs.at(-1)?.epoch ?? null;
  const auditText = audit === undefined ? null : JSON.stringify(audit);
  // As text: JSON between here and the driver has no NaN and no Infinity, a loss may be either.
  const numbers = (of: (metrics: EpochMetrics) => number | null): (string | null)[] =>
    epochs.map((metrics) => of(metrics)?.toString() ?? null);
  const rows = await client.$queryRaw<{ experiment_id: string; epoch: number | null }[]>`
    WITH held AS (
      UPDATE run SET
        epoch = greatest(epoch, ${latest}::int),
        robust_so_far = CASE WHEN epoch > ${latest}::int THEN robust_so_far
                             ELSE coalesce(${newestRobustAccuracy(epochs)}::float8, robust_so_far) END,
        audit = coalesce(${auditText}::jsonb, audit)
      WHERE run.id = ${runId}::uuid AND run.attempt = ${attempt}::int AND run.state = 'running'
      RETURNING id, experiment_id, attempt, epoch
    ), added AS (
      INSERT INTO epoch_metric (run_id, attempt, epoch, train_loss, train_accuracy, learning_rate, epsilon,
        validation_clean_accuracy, validation_robust_accuracy, test_clean_accuracy, test_robust_accuracy,
        validation_clean_accuracy_wa, validation_robust_accuracy_wa, test_clean_accuracy_wa, test_robust_accuracy_wa, seconds)
      SELECT held.id, held.attempt, batch.* FROM held, unnest(
        ${epochs.map(({ epoch }) => epoch)}::int[],
        ${numbers(({ trainLoss }) => trainLoss)}::float8[],
        ${numbers(({ trainAccuracy }) => trainAccuracy)}::float8[],
        ${numbers(({ learningRate }) => learningRate)}::float8[],
        ${numbers(({ epsilon }) => epsilon)}::float8[],
        ${numbers(({ validationCleanAccuracy }) => validationCleanAccuracy)}::float8[],
        ${numbers(({ validationRobustAccuracy }) => validationRobustAccuracy)}::float8[],
        ${numbers(({ testCleanAccuracy }) => testCleanAccuracy)}::float8[],
        ${numbers(({ testRobustAccuracy }) => testRobustAccuracy)}::float8[],
        ${numbers(({ validationCleanAccuracyWa }) => validationCleanAccuracyWa)}::float8[],
        ${numbers(({ validationRobustAccuracyWa }) => validationRobustAccuracyWa)}::float8[],
        ${numbers(({ testCleanAccuracyWa }) => testCleanAccuracyWa)}::float8[],
        ${numbers(({ testRobustAccuracyWa }) => testRobustAccuracyWa)}::float8[],
        ${numbers(({ seconds }) => seconds)}::float8[]
      ) AS batch
      ON CONFLICT (run_id, attempt, epoch) DO NOTHING
    )
    SELECT experiment_id, epoch FROM held`;
  const [row] = rows;
  return row === undefined ? 'stale' : { runId, experimentId: row.experiment_id, attempt, epoch: row.epoch };
}
