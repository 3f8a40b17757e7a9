// The outbox: queued runs that the queue does not have yet, or may have lost.
import type { DeviceClass } from '@reseed/experiment';
import type { Database } from './open-database.ts';

/** What the queue must know of a queued run. */
export interface QueuedRun {
  readonly runId: string;
  /** the attempt to come */
  readonly attempt: number;
  readonly deviceClass: DeviceClass;
  /** larger first */
  readonly priority: number;
}

interface QueuedRow {
  readonly id: string;
  readonly attempt: number;
  readonly device_class: DeviceClass;
  readonly priority: number;
}

const toQueuedRun = (row: QueuedRow): QueuedRun => ({
  runId: row.id,
  attempt: row.attempt + 1,
  deviceClass: row.device_class,
  priority: row.priority,
});

/** Queued runs that no queue has acknowledged: the oldest experiment first, inside it by position. */
export async function takeUnqueued(
  { client }: Database,
  options: { readonly limit: number },
): Promise<readonly QueuedRun[]> {
  const rows = await client.$queryRaw<QueuedRow[]>`
    SELECT id, attempt, device_class, priority FROM run
    WHERE state = 'queued' AND enqueued_at IS NULL
    ORDER BY experiment_id, position LIMIT ${options.limit}`;
  return rows.map(toQueuedRun);
}

/** Notes that the queue has these runs. A run that moved on meanwhile is left alone. */
export async function markEnqueued(
  { client }: Database,
  runs: readonly Pick<QueuedRun, 'runId' | 'attempt'>[],
): Promise<void> {
  await client.$executeRaw`
    UPDATE run SET enqueued_at = now()
    FROM unnest(${runs.map(({ runId }) => runId)}::uuid[], ${runs.map(({ attempt }) => attempt)}::int[])
      AS job (run_id, attempt)
    WHERE run.id = job.run_id AND run.attempt = job.attempt - 1 AND run.state = 'queued'`;
}

/**
 * Queued runs that the queue acknowledged a while ago, by id, to be held against what the queue has.
 *
 * @param options.after the run id that ended the page before
 */
export async function pageQueued(
  { client }: Database,
  options: { readonly after?: string; readonly limit: number; readonly olderThanSeconds: number },
): Promise<readonly QueuedRun[]> {
  const { after = '00000000-0000-0000-0000-000000000000', limit, olderThanSeconds } = options;
  const rows = await client.$queryRaw<QueuedRow[]>`
    SELECT id, attempt, device_class, priority FROM run
    WHERE state = 'queued' AND id > ${after}::uuid
      AND enqueued_at < now() - ${olderThanSeconds}::float8 * interval '1 second'
    ORDER BY id LIMIT ${limit}`;
  return rows.map(toQueuedRun);
}
