// Workers: processes that own one device, and whether they are alive.
import type { BackendDescription, DeviceClass } from '@reseed/experiment';
import type { Database } from './open-database.ts';

/** A worker is alive when its last heartbeat, by the clock of Postgres, is younger than this. */
export const HEARTBEAT_LIMIT_SECONDS = 15;

export interface Worker {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly backend: BackendDescription;
  readonly codeVersion: string;
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
  readonly stoppedAt: Date | null;
  readonly alive: boolean;
  /** the run it holds, if any */
  readonly runId: string | null;
}

interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly backend: unknown;
  readonly code_version: string;
  readonly started_at: Date;
  readonly heartbeat_at: Date;
  readonly stopped_at: Date | null;
  readonly alive: boolean;
  readonly run_id: string | null;
}

const toWorker = (row: WorkerRow): Worker => ({
  id: row.id,
  host: row.host,
  pid: row.pid,
  backend: row.backend as BackendDescription,
  codeVersion: row.code_version,
  startedAt: row.started_at,
  heartbeatAt: row.heartbeat_at,
  stoppedAt: row.stopped_at,
  alive: row.alive,
  runId: row.run_id,
});

/** Announces a worker that has just started; `renewLease` keeps it alive. */
export async function registerWorker(
  database: Database,
  worker: Pick<Worker, 'id' | 'host' | 'pid' | 'backend' | 'codeVersion'>,
): Promise<void> {
  const { id, host, pid, backend, codeVersion } = worker;
  const { deviceClass, device, backendClass } = backend;
  await database.client.worker.create({
    data: { id, host, pid, deviceClass, device, backend: { ...backend }, backendClass, codeVersion },
  });
}

/** Says that a worker has ended by itself; others stop counting on it at once. */
export async function stopWorker(database: Database, id: string): Promise<void> {
  await database.client.$executeRaw`UPDATE worker SET stopped_at = now() WHERE id = ${id}::uuid`;
}

/**
 * Workers, the one heard of last first.
 *
 * @param options.limit at most so many (default 100)
 */
export async function listWorkers(
  database: Database,
  options: { readonly limit?: number } = {},
): Promise<readonly Worker[]> {
  const rows = await database.client.$queryRaw<WorkerRow[]>`
    SELECT worker.id, host, pid, backend, code_version, worker.started_at, heartbeat_at, stopped_at,
           stopped_at IS NULL AND heartbeat_at > now() - ${HEARTBEAT_LIMIT_SECONDS} * interval '1 second' AS alive,
           (SELECT run.id FROM run WHERE run.state = 'running' AND run.worker_id = worker.id LIMIT 1) AS run_id
    FROM worker ORDER BY heartbeat_at DESC, id DESC LIMIT ${options.limit ?? 100}`;
  return rows.map(toWorker);
}

/** How many workers of each device class are alive. */
export async function countLiveWorkers({ client }: Database): Promise<Readonly<Record<DeviceClass, number>>> {
  const rows = await client.$queryRaw<{ device_class: DeviceClass; alive: number }[]>`
    SELECT device_class, count(*)::int AS alive FROM worker
    WHERE stopped_at IS NULL AND heartbeat_at > now() - ${HEARTBEAT_LIMIT_SECONDS} * interval '1 second'
    GROUP BY device_class`;
  return { cpu: 0, gpu: 0, ...Object.fromEntries(rows.map((row) => [row.device_class, row.alive])) };
}

/** Whether any worker of this device class is alive. */
export async function hasLiveWorker(database: Database, deviceClass: DeviceClass): Promise<boolean> {
  return (await countLiveWorkers(database))[deviceClass] > 0;
}
