// Ledger: runs whose worker stopped renewing go back to queued.
import { type Failure, FAILURE_KINDS, type FailureKind } from '@reseed/experiment';
import type { Database } from './open-database.ts';
import { transition } from './transition.ts';

export interface ExpiredRun {
  readonly runId: string;
  readonly experimentId: string;
  /** the attempt that was lost */
  readonly attempt: number;
  readonly workerId: string;
}

const requeue = transition({ to: 'queued', from: ['running'] });
const kind: FailureKind = 'worker_lost';
const failure: Failure = { kind, message: FAILURE_KINDS[kind].meaning };

/**
 * Closes every attempt whose lease is over as worker_lost, which counts no try, and queues its run again, not yet in
 * the queue. "Over" is judged by the clock of Postgres, which also wrote the lease: no other clock has a say.
 *
 * @returns the runs that were lost
 */
export async function expireLeases({ client }: Database): Promise<readonly ExpiredRun[]> {
  const rows = await client.$queryRaw<{ id: string; experiment_id: string; attempt: number; worker_id: string }[]>`
    WITH expired AS (
      UPDATE run SET state = ${requeue.state}, enqueued_at = NULL, worker_id = NULL, lease_until = NULL
      WHERE ${requeue.allowed} AND run.lease_until < now()
      RETURNING id, experiment_id, attempt
    )
    UPDATE attempt SET ended_at = now(), outcome = ${kind}, failure = ${JSON.stringify(failure)}::jsonb
    FROM expired WHERE attempt.run_id = expired.id AND attempt.attempt = expired.attempt
    RETURNING expired.id, expired.experiment_id, expired.attempt, attempt.worker_id`;
  return rows.map((row) => ({
    runId: row.id,
    experimentId: row.experiment_id,
    attempt: row.attempt,
    workerId: row.worker_id,
  }));
}
