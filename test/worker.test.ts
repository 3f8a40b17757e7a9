// A worker as its own process, with a trainer that does not train: what it records, what it does when its trainer dies, how it stops.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startReconciler } from '@reseed/api';
import { createLogger } from '@reseed/config';
import {
  listWorkers,
  readAttempts,
  readCorrectBits,
  readEpochs,
  readEvaluations,
  readGates,
  readRun,
} from '@reseed/database';
import { afterAll, describe, expect, it } from 'vitest';
import { ownApi } from './services/own-api.ts';
import { ownRedis } from './services/own-services.ts';
import { bitsOf, failedGates } from './services/sample-evaluations.ts';
import { storeSample } from './services/sample-experiment.ts';
import { reportingTrainer, type WorkerProcess, workerProcesses } from './services/worker-processes.ts';

const { database, queues } = await ownApi();
const redisUrl = await ownRedis();
const logger = createLogger({ name: 'test-worker', level: 'silent' });
const reconciler = startReconciler({ database, queues, logger });
afterAll(() => reconciler.stop());
const workers = workerProcesses({ databaseUrl: database.url, redisUrl });

/** Stores so many runs and sends them to the queue. */
async function post(runs: number): Promise<readonly string[]> {
  const { runIds } = await storeSample(database, { seeds: runs });
  reconciler.kick();
  return runIds;
}
const attemptsOf = async (runId: string) =>
  (await readAttempts(database, runId)).map(({ attempt, outcome, workerId }) => ({ attempt, outcome, workerId }));
const stateOf = async (runId: string) => {
  const { state, attempt } = (await readRun(database, runId)) ?? {};
  return { state, attempt };
};
const patience = { timeout: 30_000, interval: 50 };
const reaches = (runId: string, state: string, attempt: number) =>
  expect.poll(() => stateOf(runId), patience).toEqual({ state, attempt });
const rowOf = async ({ workerId }: WorkerProcess) =>
  (await listWorkers(database)).find(({ id }) => id === workerId) ?? expect.fail('the worker has no row');
const stopped = async (worker: WorkerProcess) => {
  worker.kill('SIGTERM');
  return worker.ended;
};

describe('a worker with nothing in its way', () => {
  it('takes every queued run once, records its result, keeps its heartbeat and says when it has stopped', async () => {
    const worker = await workers.start({ milliseconds: 30 });
    const born = await rowOf(worker);
    expect(born).toMatchObject({ pid: worker.pid, alive: true, stoppedAt: null, runId: null });
    expect(born.backend).toMatchObject({ name: 'idle', deviceClass: 'cpu' });
    expect(born.codeVersion).toMatch(/^\d+\.\d+\.\d+/);
    const runIds = await post(4);
    for (const runId of runIds) {
      await reaches(runId, 'succeeded', 1);
      expect(await attemptsOf(runId)).toEqual([{ attempt: 1, outcome: 'succeeded', workerId: worker.workerId }]);
      expect(await readRun(database, runId)).toMatchObject({
        weightHash: '0'.repeat(64),
        metrics: { cleanAccuracy: 0 },
        backend: { backendClass: 'idle' },
        seconds: 0.03,
        failure: null,
        failedAttempts: 0,
      });
    }
    await expect
      .poll(async () => (await rowOf(worker)).heartbeatAt.getTime(), { timeout: 8000 })
      .toBeGreaterThan(born.heartbeatAt.getTime());
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
    const dead = await rowOf(worker);
    expect([dead.alive, dead.stoppedAt instanceof Date]).toEqual([false, true]);
  });

  it('writes what a trainer reports in few statements, while the run is running', async () => {
    const trainer = { module: reportingTrainer, argument: JSON.stringify({ epochs: 60, milliseconds: 2500 }) };
    const worker = await workers.start({ trainer });
    const [runId] = await post(1);
    await expect.poll(async () => (await readEpochs(database, runId)).length, { timeout: 10_000 }).toBe(60);
    const running = await readRun(database, runId);
    expect(running).toMatchObject({ state: 'running', epoch: 59, robustSoFar: 59 / 60 });
    expect(running?.audit).toEqual({ counted: running?.seed });
    await reaches(runId, 'succeeded', 1);
    const epochs = await readEpochs(database, runId);
    expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 60 }, (_, index) => index));
    expect(epochs[3]).toMatchObject({ trainLoss: 0.25, validationRobustAccuracy: 3 / 60, testRobustAccuracy: null });
    // A row tells by which transaction it was written.
    const [{ statements }] = await database.client.$queryRaw<{ statements: number }[]>`
      SELECT count(DISTINCT xmin::text)::int AS statements FROM epoch_metric WHERE run_id = ${runId}::uuid`;
    expect(statements).toBeLessThanOrEqual(3);
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
  });

  it('records at once, without a retry, that a run has diverged', async () => {
    const failure = { kind: 'diverged', message: 'the loss is not a number' };
    const worker = await workers.start({
      trainer: { module: reportingTrainer, argument: JSON.stringify({ failure }) },
    });
    const [runId, next] = await post(2);
    await reaches(runId, 'failed', 1);
    await reaches(next, 'failed', 1);
    expect(await readRun(database, runId)).toMatchObject({ failure, weightHash: null, metrics: null });
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
  });
});

describe('what a trainer evaluates', () => {
  const wrong = [0, 7, 8, 9, 4_444, 9_998];
  const evaluations = [10_000, 9_999].map((images) => ({
    weights: 'bestWa',
    attack: 'pgd',
    stage: `${images}`,
    images,
    wrong,
  }));
  const reporting = (report: object) => ({ module: reportingTrainer, argument: JSON.stringify(report) });

  it('comes through to the record bit for bit, with its gates and why it stopped', async () => {
    const early = { epoch: 7, reason: 'no_improvement' };
    const worker = await workers.start({ trainer: reporting({ evaluations, gates: failedGates, stopped: early }) });
    const [runId] = await post(1);
    await reaches(runId, 'succeeded', 1);
    expect(await readRun(database, runId)).toMatchObject({ stopped: early, gatesFailed: 1 });
    expect(await readGates(database, runId)).toEqual(failedGates);
    const stored = await readEvaluations(database, runId);
    expect(stored.map(({ stage, accuracy }) => [stage, accuracy])).toEqual([
      ['10000', 0.9994],
      ['9999', 9993 / 9999],
    ]);
    for (const evaluation of stored) {
      const bits = (await readCorrectBits(database, runId, evaluation))?.correct ?? [];
      expect(new Uint8Array(bits)).toEqual(bitsOf(evaluation.images, (image) => !wrong.includes(image)));
    }
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
  });

  it('and contradicts itself is refused at once, tried again and given up; the worker goes on', async () => {
    const worker = await workers.start({
      trainer: reporting({ evaluations: [{ ...evaluations[0], accuracy: 0.9993 }] }),
    });
    const [runId, next] = await post(2);
    await reaches(runId, 'failed', 3);
    await reaches(next, 'failed', 3);
    expect((await attemptsOf(runId)).map(({ outcome }) => outcome)).toEqual(Array(3).fill('internal_error'));
    const { failure } = (await readRun(database, runId)) ?? {};
    expect(failure?.message).toBe(
      'the result is corrupt: evaluations.0.accuracy is 0.9993, but must be 9994 / 10000, which its bits count',
    );
    expect(await readEvaluations(database, runId)).toEqual([]);
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
  });
});

describe('a trainer that dies', () => {
  it('costs the run a try and no more: the worker starts another trainer and the run succeeds', async () => {
    const worker = await workers.start({ milliseconds: 1200 });
    const [runId] = await post(1);
    await reaches(runId, 'running', 1);
    const first = worker.trainerPid();
    process.kill(first, 'SIGKILL');
    await reaches(runId, 'succeeded', 2);
    expect(worker.trainerPid()).not.toBe(first);
    const by = { workerId: worker.workerId };
    expect(await attemptsOf(runId)).toEqual([
      { attempt: 1, outcome: 'trainer_crashed', ...by },
      { attempt: 2, outcome: 'succeeded', ...by },
    ]);
    const [crash] = await readAttempts(database, runId);
    expect(crash.failure).toMatchObject({ kind: 'trainer_crashed', message: expect.stringContaining('SIGKILL') });
    expect(await readRun(database, runId)).toMatchObject({ failedAttempts: 1, failure: null });
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
  });

  it('three times makes the run failed, and the worker goes on with the next one', async () => {
    const trainer = { module: reportingTrainer, argument: JSON.stringify({ epochs: 1, milliseconds: 1000 }) };
    const worker = await workers.start({ trainer });
    const [runId] = await post(1);
    for (const attempt of [1, 2, 3]) {
      // Not before it trains: a trainer that dies while it starts is one that cannot start.
      await expect
        .poll(async () => ({ ...(await stateOf(runId)), epoch: (await readRun(database, runId))?.epoch }), patience)
        .toEqual({ state: 'running', attempt, epoch: 0 });
      process.kill(worker.trainerPid(), 'SIGKILL');
    }
    await reaches(runId, 'failed', 3);
    expect((await attemptsOf(runId)).map(({ outcome }) => outcome)).toEqual(Array(3).fill('trainer_crashed'));
    expect(await readRun(database, runId)).toMatchObject({
      failedAttempts: 3,
      failure: { kind: 'trainer_crashed' },
      weightHash: null,
    });
    const [next] = await post(1);
    await reaches(next, 'succeeded', 1);
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
  });

  it('and cannot start again ends the worker with an error, and hands the run back uncounted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reseed-worker-test-'));
    try {
      const module = join(folder, 'trainer.mjs');
      const idle = pathToFileURL(join(import.meta.dirname, 'bench/idle-trainer.mjs'));
      writeFileSync(module, `await import(${JSON.stringify(idle)});`);
      const worker = await workers.start({ trainer: { module, argument: '20000' } });
      const [runId] = await post(1);
      await reaches(runId, 'running', 1);
      rmSync(module);
      process.kill(worker.trainerPid(), 'SIGKILL');
      expect(await worker.ended).toEqual({ code: 1, signal: null });
      expect(worker.said()).toContain('this worker cannot go on');
      expect((await rowOf(worker)).stoppedAt).toBeInstanceOf(Date);
      await reaches(runId, 'queued', 2);
      expect((await attemptsOf(runId)).map(({ outcome }) => outcome)).toEqual(['trainer_crashed', 'handed_back']);
      expect(await readRun(database, runId)).toMatchObject({ failedAttempts: 1, workerId: null });
      const next = await workers.start({});
      await reaches(runId, 'succeeded', 3);
      expect(await stopped(next)).toEqual({ code: 0, signal: null });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a worker that is asked to stop', () => {
  it('finishes its run within the drain time and takes no other one', async () => {
    const worker = await workers.start({ milliseconds: 1500, drainSeconds: 20 });
    const [runId, other] = await post(2);
    await reaches(runId, 'running', 1);
    const trainer = worker.trainerPid();
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
    expect(await stateOf(runId)).toEqual({ state: 'succeeded', attempt: 1 });
    expect(await stateOf(other)).toEqual({ state: 'queued', attempt: 0 });
    expect(() => process.kill(trainer, 0)).toThrow('ESRCH');
    const next = await workers.start({});
    await reaches(other, 'succeeded', 1);
    await stopped(next);
  });

  it('hands its run back when there is no drain time, and another worker does it without a counted failure', async () => {
    const worker = await workers.start({ milliseconds: 180_000, drainSeconds: 0 });
    const [runId] = await post(1);
    await reaches(runId, 'running', 1);
    // The run would take three times as long as this test may.
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
    expect(await stateOf(runId)).toEqual({ state: 'queued', attempt: 1 });
    const next = await workers.start({});
    await reaches(runId, 'succeeded', 2);
    expect(await attemptsOf(runId)).toEqual([
      { attempt: 1, outcome: 'handed_back', workerId: worker.workerId },
      { attempt: 2, outcome: 'succeeded', workerId: next.workerId },
    ]);
    expect(await readRun(database, runId)).toMatchObject({ failedAttempts: 0, failure: null });
    await stopped(next);
  });

  it('does not lose the run when the signal reaches its trainer too', async () => {
    const worker = await workers.start({ milliseconds: 1500, drainSeconds: 20 });
    const [runId] = await post(1);
    await reaches(runId, 'running', 1);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(worker.trainerPid(), signal);
    expect(await stopped(worker)).toEqual({ code: 0, signal: null });
    expect(await stateOf(runId)).toEqual({ state: 'succeeded', attempt: 1 });
  });

  it('leaves with the process that started it, and its trainer leaves too', async () => {
    const worker = await workers.start({ milliseconds: 180_000, drainSeconds: 0 });
    const [runId] = await post(1);
    await reaches(runId, 'running', 1);
    const trainer = worker.trainerPid();
    worker.disconnect();
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    await pause(100);
    expect(() => process.kill(trainer, 0)).toThrow('ESRCH');
    expect(await stateOf(runId)).toEqual({ state: 'queued', attempt: 1 });
  });
});
