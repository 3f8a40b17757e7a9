// Ledger: a worker says that it is alive and, while it holds a run, keeps it.
import type { Stale } from './claim-run.ts';
import type { Database } from './open-database.ts';

export interface RenewedLease {
  /** until when the run is held; null when the worker named none */
  readonly leaseUntil: Date | null;
}

/**
 * Sets the worker's heartbeat, and the lease of the run when one is named.
 *
 * @param options.runId together with `attempt`: the run that the worker holds
 * @returns 'stale' when the run is no longer held as this attempt: it must be dropped, nothing about it will be accepted
 */
export async function renewLease(
  { client }: Database,
  options: {
    readonly workerId: string;
    readonly runId?: string;
    readonly attempt?: number;
    readonly leaseSeconds: number;
  },
): Promise<RenewedLease | Stale> {
  const { workerId, runId = null, attempt = null, leaseSeconds } = options;
  const rows = await client.$queryRaw<{ lease_until: Date | null }[]>`
    WITH heartbeat AS (
      UPDATE worker SET heartbeat_at = now() WHERE id = ${workerId}::uuid
    ), held AS (
      UPDATE run SET lease_until = now() + ${leaseSeconds}::float8 * interval '1 second'
      WHERE run.id = ${runId}::uuid AND run.attempt = ${attempt}::int AND run.worker_id = ${workerId}::uuid
        AND run.state = 'running'
      RETURNING lease_until
    )
    SELECT lease_until FROM held`;
  if (runId === null) return { leaseUntil: null };
  const [row] = rows;
  return row === undefined ? 'stale' : { leaseUntil: row.lease_until };
}
