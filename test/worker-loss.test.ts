// Losses in the middle of a run: a worker is killed or frozen, Postgres cuts every line, Redis forgets everything.
// Whatever happens, each run ends with one accepted attempt.
import { setTimeout as pause } from 'node:timers/promises';
import { startReconciler } from '@reseed/api';
import { createLogger } from '@reseed/config';
import { readAttempts, readRun } from '@reseed/database';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { ownApi } from './services/own-api.ts';
import { emptyRedis, ownRedis } from './services/own-services.ts';
import { storeSample } from './services/sample-experiment.ts';
import { reportingTrainer, type WorkerProcess, workerProcesses } from './services/worker-processes.ts';

const { database, queues } = await ownApi();
const redisUrl = await ownRedis();
const logger = createLogger({ name: 'test-worker-loss', level: 'silent' });
const reconciler = startReconciler({ database, queues, logger });
afterAll(() => reconciler.stop());
const workers = workerProcesses({ databaseUrl: database.url, redisUrl });
const startWorker = (milliseconds: number) =>
  workers.start({ trainer: { module: reportingTrainer, argument: JSON.stringify({ epochs: 1, milliseconds }) } });

async function post(runs: number): Promise<readonly string[]> {
  const { runIds } = await storeSample(database, { seeds: runs });
  reconciler.kick();
  return runIds;
}
const read = async (runId: string) => (await readRun(database, runId)) ?? expect.fail('the run is gone');
const stateOf = async (runId: string) => {
  const { state, attempt } = await read(runId);
  return { state, attempt };
};
const reaches = (runId: string, state: string, attempt: number, timeout = 30_000) =>
  expect.poll(() => stateOf(runId), { timeout, interval: 50 }).toEqual({ state, attempt });
const outcomesOf = async (runId: string) => (await readAttempts(database, runId)).map(({ outcome }) => outcome);

/** The workers of these runs, in their order, once every one of them trains. */
async function holdersOf(runIds: readonly string[], started: readonly WorkerProcess[]): Promise<WorkerProcess[]> {
  const runs = () => Promise.all(runIds.map(read));
  await expect
    .poll(async () => (await runs()).map(({ epoch }) => epoch), { timeout: 30_000, interval: 50 })
    .toEqual(runIds.map(() => 0));
  return (await runs()).map(
    ({ workerId }) => started.find((worker) => worker.workerId === workerId) ?? expect.fail('a stranger has the run'),
  );
}

describe('workers that are lost', () => {
  it('leave their runs to another one within 20 seconds, and one that comes back changes nothing', async () => {
    const started = await Promise.all([startWorker(2000), startWorker(2000), startWorker(2000)]);
    const runIds = await post(2);
    const [killed, frozen] = await holdersOf(runIds, started);
    const other = started.find((worker) => worker !== killed && worker !== frozen) as WorkerProcess;
    const trainer = killed.trainerPid();
    killed.kill('SIGKILL');
    frozen.kill('SIGSTOP');
    const lost = Date.now();
    // The trainer of a dead worker has nobody to train for.
    await expect.poll(() => isGone(trainer), { timeout: 5000 }).toBe(true);

    for (const runId of runIds) await reaches(runId, 'succeeded', 2);
    const accepted = await Promise.all(runIds.map(read));
    const attempts = await Promise.all(runIds.map((runId) => readAttempts(database, runId)));
    for (const [index, tries] of attempts.entries()) {
      expect(tries.map(({ outcome }) => outcome)).toEqual(['worker_lost', 'succeeded']);
      expect(accepted[index]).toMatchObject({ workerId: other.workerId, failedAttempts: 0, failure: null });
    }
    // One of them had to wait until the other worker was free again.
    const again = attempts.map(([, second]) => second.startedAt.getTime() - lost);
    expect(Math.min(...again)).toBeLessThan(20_000);

    // The trainer of the frozen one finished long ago: the first thing that its worker sees is a result.
    frozen.kill('SIGCONT');
    await expect
      .poll(() => frozen.said(), { timeout: 10_000 })
      .toMatch(/the result of a stale attempt was refused|the lease is gone/);
    expect(await Promise.all(runIds.map(read))).toEqual(accepted);
    expect(await Promise.all(runIds.map((runId) => readAttempts(database, runId)))).toEqual(attempts);

    // It is none the worse for it: alone, it takes the next run.
    other.kill('SIGTERM');
    await other.ended;
    const [next] = await post(1);
    await reaches(next, 'succeeded', 1);
    expect((await read(next)).workerId).toBe(frozen.workerId);
  }, 120_000);
});

describe('a service that fails while a run trains', () => {
  it('Postgres cuts every line again and again: the result is recorded all the same', async () => {
    const worker = await startWorker(1500);
    const [runId] = await post(1);
    await reaches(runId, 'running', 1);
    const killer = new pg.Client({ connectionString: database.url });
    await killer.connect();
    let cut = 0;
    try {
      // Beyond the end of the run, so that the first tries to record its result are among what is cut.
      for (const end = performance.now() + 3000; performance.now() < end; await pause(20)) {
        const { rowCount } = await killer.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
        cut += rowCount ?? 0;
      }
    } finally {
      await killer.end();
    }
    expect(cut).toBeGreaterThan(2);
    await expect
      .poll(() => stateOf(runId).catch(() => undefined), { timeout: 30_000, interval: 100 })
      .toMatchObject({
        state: 'succeeded',
      });
    const outcomes = await outcomesOf(runId);
    expect(outcomes.filter((outcome) => outcome === 'succeeded')).toHaveLength(1);
    const [next] = await post(1);
    await reaches(next, 'succeeded', 1);
    expect((await read(next)).workerId).toBe(worker.workerId);
  });

  it('Redis forgets everything: the run that trains is not trained twice, and those that waited are not lost', async () => {
    const worker = await startWorker(7000);
    const [running, waiting] = await post(2);
    await reaches(running, 'running', 1);
    await expect.poll(() => queued(), { timeout: 10_000 }).toBe(1);
    await emptyRedis(redisUrl);
    // Somebody who would take a second job of the running run at once.
    const other = await startWorker(10);
    await reaches(waiting, 'succeeded', 1);
    await reaches(running, 'succeeded', 1);
    expect([await outcomesOf(running), await outcomesOf(waiting)]).toEqual([['succeeded'], ['succeeded']]);
    expect((await read(running)).workerId).toBe(worker.workerId);

    // The worker whose job was gone when it finished takes the next run.
    other.kill('SIGTERM');
    await other.ended;
    const [next] = await post(1);
    await reaches(next, 'running', 1);
    expect((await read(next)).workerId).toBe(worker.workerId);
  });
});

async function queued(): Promise<number> {
  const counts = await queues.counts();
  return counts.reduce((sum, { counts: { waiting = 0, prioritized = 0 } }) => sum + waiting + prioritized, 0);
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
