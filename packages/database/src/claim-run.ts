// Ledger: a worker takes a queued run as the attempt its job was made for.
import type { Condition } from '@reseed/experiment';
import type { Database } from './open-database.ts';
import { transition } from './transition.ts';

// The ledger. A run is held by (run id, attempt): the claim raises `run.attempt`, every later write names the attempt
// and is refused as 'stale' when the run has moved on, whoever sends it and however late. Each verb is one statement,
// so a write is either there with all its parts or not at all, and two callers are ordered by the lock on the run's row:
// the second one sees what the first one left and matches nothing.

/** The run is not, or no longer, in the state and at the attempt that the write was made for. Nothing was written. */
export type Stale = 'stale';

export interface ClaimedRun {
  readonly runId: string;
  readonly experimentId: string;
  readonly attempt: number;
  /** 0…2^32−1 */
  readonly seed: number;
  readonly condition: Condition;
}

const claim = transition({ to: 'running' });

/**
 * Takes the run when it is queued and `attempt` is the attempt to come; opens the attempt's row and forgets the
 * progress of the attempt before.
 *
 * @param options.attempt 1 for the first
 * @param options.leaseSeconds how long the run is held without `renewLease`
 */
export async function claimRun(
  { client }: Database,
  options: {
    readonly runId: string;
    readonly attempt: number;
    readonly workerId: string;
    readonly leaseSeconds: number;
  },
): Promise<ClaimedRun | Stale> {
  const { runId, attempt, workerId, leaseSeconds } = options;
  const rows = await client.$queryRaw<{ experiment_id: string; seed: bigint; spec: unknown }[]>`
    WITH claimed AS (
      UPDATE run SET
        state = ${claim.state}, attempt = ${attempt}::int, worker_id = ${workerId}::uuid,
        lease_until = now() + ${leaseSeconds}::float8 * interval '1 second', started_at = now(), finished_at = NULL,
        epoch = NULL, robust_so_far = NULL, audit = NULL, failure = NULL
      WHERE run.id = ${runId}::uuid AND run.attempt = ${attempt}::int - 1 AND ${claim.allowed}
      RETURNING id, experiment_id, condition_id, seed
    ), opened AS (
      INSERT INTO attempt (run_id, attempt, worker_id) SELECT id, ${attempt}::int, ${workerId}::uuid FROM claimed
    )
    SELECT claimed.experiment_id, claimed.seed, condition.spec
    FROM claimed JOIN condition ON condition.id = claimed.condition_id`;
  const [row] = rows;
  if (row === undefined) return 'stale';
  return {
    runId,
    experimentId: row.experiment_id,
    attempt,
    seed: Number(row.seed),
    condition: row.spec as Condition,
  };
}
