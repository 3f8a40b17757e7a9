// Ledger: the attempt that holds a run ends without a result; the kind of failure decides what follows.
import { type Failure, FAILURE_KINDS, type FailureAction, MAX_FAILED_ATTEMPTS } from '@reseed/experiment';
import type { Stale } from './claim-run.ts';
import { Prisma } from './generated/client.ts';
import type { Database } from './open-database.ts';
import { transition } from './transition.ts';

export interface RecordedFailure {
  readonly runId: string;
  readonly experimentId: string;
  readonly attempt: number;
  /** queued: another attempt comes */
  readonly state: 'queued' | 'failed';
  readonly failedAttempts: number;
}

const requeue = transition({ to: 'queued', from: ['running'] });
const giveUp = transition({ to: 'failed' });

/** How many tries an attempt that ended so has used up, and whether the run may be tried again, as SQL. */
function consequence(action: FailureAction): { readonly tries: number; readonly again: Prisma.Sql } {
  switch (action) {
    case 'retry':
      return { tries: 1, again: Prisma.sql`failed_attempts + 1 < ${MAX_FAILED_ATTEMPTS}::int` };
    case 'handBack':
      return { tries: 0, again: Prisma.sql`true` };
    case 'fail':
      return { tries: 0, again: Prisma.sql`false` };
  }
}

/**
 * Closes the attempt with its failure. The run goes back to queued, not yet in the queue, as the attempt after this
 * one; or it is failed: when it would fail again, or when MAX_FAILED_ATTEMPTS attempts ended in a retryable error.
 */
export async function recordFailure(
  { client }: Database,
  options: { readonly runId: string; readonly attempt: number; readonly failure: Failure },
): Promise<RecordedFailure | Stale> {
  const { runId, attempt, failure } = options;
  const failureText = JSON.stringify(failure);
  const { tries, again } = consequence(FAILURE_KINDS[failure.kind].action);
  const rows = await client.$queryRaw<
    { experiment_id: string; state: RecordedFailure['state']; failed_attempts: number }[]
  >`
    WITH ended AS (
      UPDATE run SET
        state = CASE WHEN ${again} THEN ${requeue.state} ELSE ${giveUp.state} END,
        failed_attempts = failed_attempts + ${tries}::int,
        failure = CASE WHEN ${again} THEN NULL ELSE ${failureText}::jsonb END,
        finished_at = CASE WHEN ${again} THEN NULL ELSE now() END,
        enqueued_at = CASE WHEN ${again} THEN NULL ELSE enqueued_at END,
        worker_id = CASE WHEN ${again} THEN NULL ELSE worker_id END,
        lease_until = NULL
      WHERE run.id = ${runId}::uuid AND run.attempt = ${attempt}::int AND ${requeue.allowed} AND ${giveUp.allowed}
      RETURNING id, experiment_id, attempt, state, failed_attempts
    ), closed AS (
      UPDATE attempt SET ended_at = now(), outcome = ${failure.kind}, failure = ${failureText}::jsonb FROM ended
      WHERE attempt.run_id = ended.id AND attempt.attempt = ended.attempt
    )
    SELECT experiment_id, state, failed_attempts FROM ended`;
  const [row] = rows;
  if (row === undefined) return 'stale';
  return {
    runId,
    experimentId: row.experiment_id,
    attempt,
    state: row.state,
    failedAttempts: row.failed_attempts,
  };
}
