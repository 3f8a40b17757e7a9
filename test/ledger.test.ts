// The ledger on the real Postgres: who may write what about a run, and when it is too late.
import {
  acceptResult,
  claimRun,
  type Database,
  markEnqueued,
  readAttempts,
  readEpochs,
  readRun,
  recordFailure,
  recordProgress,
  renewLease,
  takeUnqueued,
} from '@reseed/database';
import { FAILURE_KINDS, type FailureKind, MAX_FAILED_ATTEMPTS } from '@reseed/experiment';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import { ownDatabase } from './services/own-services.ts';
import {
  holdRun,
  inRun,
  recordOf,
  sampleEpoch,
  sampleExperiment,
  sampleFailure,
  sampleResult,
  storeSample,
  storeWorker,
} from './services/sample-experiment.ts';

const KINDS = Object.keys(FAILURE_KINDS) as FailureKind[];
const LEASE = { leaseSeconds: 60 };

let database: Database;
let workerId: string;

beforeAll(async () => {
  database = await ownDatabase();
  workerId = await storeWorker(database);
});

const failureOf = sampleFailure;
const newRun = async (): Promise<string> => (await storeSample(database)).runIds[0];
const heldRun = (attempt = 1) => holdRun(database, workerId, { attempt });

describe('claimRun', () => {
  it('gives the run with its condition and its seed', async () => {
    const sample = sampleExperiment();
    const { id, runIds } = await storeSample(database);
    const claimed = await claimRun(database, { runId: runIds[0], attempt: 1, workerId, ...LEASE });
    expect(claimed).toEqual({
      runId: runIds[0],
      experimentId: id,
      attempt: 1,
      seed: 0xffff_ffff,
      condition: sample.conditions[0].spec,
    });
    expect(await readRun(database, runIds[0])).toMatchObject({
      state: 'running',
      attempt: 1,
      workerId,
      finishedAt: null,
    });
    expect(await readAttempts(database, runIds[0])).toMatchObject([
      { attempt: 1, workerId, endedAt: null, outcome: null },
    ]);
  });

  it('lets one of many workers in', async () => {
    const workers = await Promise.all(Array.from({ length: 16 }, () => storeWorker(database)));
    for (let round = 0; round < 5; round++) {
      const runId = await newRun();
      const claims = await Promise.all(
        workers.map((id) => claimRun(database, { runId, attempt: 1, workerId: id, ...LEASE })),
      );
      const winners = workers.filter((_, index) => claims[index] !== 'stale');
      expect(winners).toHaveLength(1);
      expect(await readRun(database, runId)).toMatchObject({ state: 'running', attempt: 1, workerId: winners[0] });
      expect((await readAttempts(database, runId)).map((attempt) => attempt.workerId)).toEqual(winners);
    }
  });

  it('takes no attempt but the one to come', async () => {
    const runId = await newRun();
    for (const attempt of [-1, 0, 2, 3])
      expect(await claimRun(database, { runId, attempt, workerId, ...LEASE })).toBe('stale');
    expect(await claimRun(database, { runId, attempt: 1, workerId, ...LEASE })).not.toBe('stale');
    for (const attempt of [1, 2])
      expect(await claimRun(database, { runId, attempt, workerId, ...LEASE })).toBe('stale');
    await recordFailure(database, { runId, attempt: 1, failure: failureOf('handed_back') });
    expect(await claimRun(database, { runId, attempt: 1, workerId, ...LEASE })).toBe('stale');
    expect(await claimRun(database, { runId, attempt: 2, workerId, ...LEASE })).not.toBe('stale');
  });

  it('knows no run that is not there', async () => {
    expect(await claimRun(database, { runId: uuidv7(), attempt: 1, workerId, ...LEASE })).toBe('stale');
  });

  it('forgets the progress of the attempt before, whose epochs stay', async () => {
    const id = await heldRun();
    const epochs = [sampleEpoch(0), sampleEpoch(1, { validationRobustAccuracy: 0.25 })];
    await recordProgress(database, { ...id, epochs, audit: { repeated: 7 } });
    expect(await readRun(database, id.runId)).toMatchObject({ epoch: 1, robustSoFar: 0.25, audit: { repeated: 7 } });
    await recordFailure(database, { ...id, failure: failureOf('out_of_memory') });
    await claimRun(database, { ...id, attempt: 2, workerId, ...LEASE });
    expect(await readRun(database, id.runId)).toMatchObject({
      epoch: null,
      robustSoFar: null,
      audit: null,
      failure: null,
    });
    expect((await recordOf(database, id.runId)).epochs).toHaveLength(2);
  });
});

describe('renewLease', () => {
  it('moves the lease and the heartbeat', async () => {
    const id = await heldRun();
    const before = await database.client.worker.findUniqueOrThrow({ where: { id: workerId } });
    const answer = await renewLease(database, { ...id, workerId, leaseSeconds: 3600 });
    const { leaseUntil } = await database.client.run.findUniqueOrThrow({ where: { id: id.runId } });
    const after = await database.client.worker.findUniqueOrThrow({ where: { id: workerId } });
    expect(answer).toEqual({ leaseUntil });
    expect(Number(leaseUntil) - Number(after.heartbeatAt)).toBe(3_600_000);
    expect(Number(after.heartbeatAt)).toBeGreaterThan(Number(before.heartbeatAt));
  });

  it('is a heartbeat alone when no run is named', async () => {
    expect(await renewLease(database, { workerId, ...LEASE })).toEqual({ leaseUntil: null });
  });

  it('is refused for another attempt and for another worker', async () => {
    const { runId } = await heldRun(2);
    const other = await storeWorker(database);
    const before = await recordOf(database, runId);
    expect(await renewLease(database, { runId, attempt: 1, workerId, ...LEASE })).toBe('stale');
    expect(await renewLease(database, { runId, attempt: 3, workerId, ...LEASE })).toBe('stale');
    expect(await renewLease(database, { runId, attempt: 2, workerId: other, ...LEASE })).toBe('stale');
    expect(await recordOf(database, runId)).toEqual(before);
  });
});

describe('recordProgress', () => {
  it('adds epochs once, however often they are sent and in whatever order', async () => {
    const id = await heldRun();
    const first = {
      ...id,
      epochs: [sampleEpoch(0), sampleEpoch(1, { testRobustAccuracy: 0.2 })],
      audit: { first: true },
    };
    const second = {
      ...id,
      epochs: [sampleEpoch(1), sampleEpoch(2, { validationRobustAccuracy: 0.3, testRobustAccuracy: 0.1 })],
    };
    expect(await recordProgress(database, first)).toMatchObject({ ...id, epoch: 1 });
    expect(await readRun(database, id.runId)).toMatchObject({ epoch: 1, robustSoFar: 0.2, audit: { first: true } });
    expect(await recordProgress(database, second)).toMatchObject({ ...id, epoch: 2 });
    const once = await recordOf(database, id.runId);
    expect(once.row).toMatchObject({ epoch: 2, robustSoFar: 0.3, audit: { first: true } });
    expect(await readEpochs(database, id.runId)).toEqual([...first.epochs, second.epochs[1]]);
    for (const again of [second, first, first, second]) {
      expect(await recordProgress(database, again)).toMatchObject({ epoch: 2 });
      expect(await recordOf(database, id.runId)).toEqual(once);
    }
  });

  it('keeps the newest robust accuracy over epochs without one', async () => {
    const id = await heldRun();
    await recordProgress(database, { ...id, epochs: [sampleEpoch(0, { testRobustAccuracy: 0 }), sampleEpoch(1)] });
    await recordProgress(database, { ...id, epochs: [sampleEpoch(2)] });
    expect(await readRun(database, id.runId)).toMatchObject({ epoch: 2, robustSoFar: 0 });
  });

  it('stores losses that are no numbers', async () => {
    const id = await heldRun();
    const losses = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1e308];
    const epochs = losses.map((trainLoss, epoch) => sampleEpoch(epoch, { trainLoss }));
    await recordProgress(database, { ...id, epochs });
    expect((await readEpochs(database, id.runId)).map(({ trainLoss }) => trainLoss)).toEqual(losses);
  });

  it('may carry an audit alone, or nothing', async () => {
    const id = await heldRun();
    expect(await recordProgress(database, { ...id, epochs: [], audit: { draws: [1, null] } })).toMatchObject({
      epoch: null,
    });
    expect(await recordProgress(database, { ...id, epochs: [] })).toMatchObject({ epoch: null });
    expect(await readRun(database, id.runId)).toMatchObject({
      epoch: null,
      robustSoFar: null,
      audit: { draws: [1, null] },
    });
  });
});

describe('acceptResult', () => {
  it('stores all of the result and ends the run', async () => {
    const id = await heldRun();
    const { metrics, ...sample } = sampleResult(0.25);
    const averaged = { weightHashWa: 'a'.repeat(64), bestEpochWa: 1 };
    const result = { ...sample, ...averaged, metrics: { ...metrics, robustAccuracyWa: 0.375 } };
    expect(await acceptResult(database, { ...id, result })).toMatchObject({ ...id, state: 'succeeded' });
    const run = await readRun(database, id.runId);
    expect(run).toMatchObject({
      ...inRun(result),
      state: 'succeeded',
      stopped: null,
      gatesFailed: null,
      failure: null,
    });
    expect(Number(run?.finishedAt)).toBeGreaterThanOrEqual(Number(run?.startedAt));
    expect((await recordOf(database, id.runId)).row).toMatchObject({
      backendClass: result.backend.backendClass,
      leaseUntil: null,
    });
    expect(await readAttempts(database, id.runId)).toMatchObject([
      { outcome: 'succeeded', failure: null, endedAt: run?.finishedAt },
    ]);
  });

  it('takes one of many results', async () => {
    const id = await heldRun();
    const results = Array.from({ length: 12 }, (_, index) => sampleResult(index / 16));
    const answers = await Promise.all(results.map((result) => acceptResult(database, { ...id, result })));
    const accepted = results.filter((_, index) => answers[index] !== 'stale');
    expect(accepted).toHaveLength(1);
    expect(await readRun(database, id.runId)).toMatchObject(inRun(accepted[0]));
  });

  it('takes a result or a failure, never both, when they come at the same time', async () => {
    for (let round = 0; round < 10; round++) {
      const id = await heldRun();
      const work = [
        () => acceptResult(database, { ...id, result: sampleResult() }),
        () => recordFailure(database, { ...id, failure: failureOf('diverged') }),
      ];
      const answers = await Promise.all((round % 2 === 0 ? work : work.toReversed()).map((send) => send()));
      const [winner, ...others] = answers.filter((answer) => answer !== 'stale');
      expect(others).toEqual([]);
      const { row, attempts } = await recordOf(database, id.runId);
      expect(row.state).toBe(winner.state);
      expect(row.weightHash === null).toBe(winner.state === 'failed');
      expect(attempts).toMatchObject([{ outcome: winner.state === 'failed' ? 'diverged' : 'succeeded' }]);
    }
  });
});

describe('recordFailure', () => {
  const again = KINDS.filter((kind) => FAILURE_KINDS[kind].action === 'retry');
  const handBack = KINDS.filter((kind) => FAILURE_KINDS[kind].action === 'handBack');
  const fail = KINDS.filter((kind) => FAILURE_KINDS[kind].action === 'fail');

  it.each(again)('of %s is tried again until the tries are used up', async (kind) => {
    const runId = await newRun();
    for (let attempt = 1; attempt <= MAX_FAILED_ATTEMPTS; attempt++) {
      await claimRun(database, { runId, attempt, workerId, ...LEASE });
      await markEnqueued(database, [{ runId, attempt }]);
      const last = attempt === MAX_FAILED_ATTEMPTS;
      const answer = await recordFailure(database, { runId, attempt, failure: failureOf(kind) });
      expect(answer).toMatchObject({ runId, attempt, state: last ? 'failed' : 'queued', failedAttempts: attempt });
      const { row, attempts } = await recordOf(database, runId);
      expect(row).toMatchObject({ state: last ? 'failed' : 'queued', failedAttempts: attempt, leaseUntil: null });
      expect(row.failure).toEqual(last ? failureOf(kind) : null);
      expect([row.workerId, row.finishedAt === null]).toEqual(last ? [workerId, false] : [null, true]);
      expect(attempts.at(-1)).toMatchObject({ attempt, outcome: kind, failure: failureOf(kind) });
      expect(attempts.at(-1)?.endedAt).not.toBeNull();
    }
    expect(await claimRun(database, { runId, attempt: MAX_FAILED_ATTEMPTS + 1, workerId, ...LEASE })).toBe('stale');
  });

  it.each(handBack)('of %s is never counted', async (kind) => {
    const runId = await newRun();
    for (let attempt = 1; attempt <= MAX_FAILED_ATTEMPTS + 2; attempt++) {
      await claimRun(database, { runId, attempt, workerId, ...LEASE });
      const answer = await recordFailure(database, { runId, attempt, failure: failureOf(kind) });
      expect(answer).toMatchObject({ state: 'queued', failedAttempts: 0 });
    }
    expect((await readAttempts(database, runId)).map(({ outcome }) => outcome)).toEqual(
      Array.from({ length: MAX_FAILED_ATTEMPTS + 2 }, () => kind),
    );
  });

  it.each(fail)('of %s ends the run at once', async (kind) => {
    const id = await heldRun();
    expect(await recordFailure(database, { ...id, failure: failureOf(kind) })).toMatchObject({
      state: 'failed',
      failedAttempts: 0,
    });
    expect(await readRun(database, id.runId)).toMatchObject({
      state: 'failed',
      failure: failureOf(kind),
      metrics: null,
    });
  });

  it('makes a run that is queued again one that needs a job, for the next attempt', async () => {
    const { runId } = await heldRun();
    const needs = async () => (await takeUnqueued(database, { limit: 1000 })).filter((run) => run.runId === runId);
    expect(await needs()).toEqual([]);
    await recordFailure(database, { runId, attempt: 1, failure: failureOf('internal_error') });
    const next = { runId, attempt: 2, deviceClass: 'cpu', priority: 0 };
    expect(await needs()).toEqual([next]);
    // A late note about the job of the attempt before is not about this one.
    await markEnqueued(database, [{ runId, attempt: 1 }]);
    expect(await needs()).toEqual([next]);
    await markEnqueued(database, [next]);
    expect(await needs()).toEqual([]);
  });
});
