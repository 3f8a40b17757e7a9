// Attempts that have lost their run, on the real Postgres: found when their lease is over, refused for ever after.
import {
  acceptResult,
  claimRun,
  type Database,
  expireLeases,
  markEnqueued,
  readAttempts,
  readRun,
  recordFailure,
  recordProgress,
  renewLease,
  takeUnqueued,
} from '@reseed/database';
import { FAILURE_KINDS, type FailureKind, isTerminal, RUN_STATES, type RunResult } from '@reseed/experiment';
import { beforeAll, describe, expect, it } from 'vitest';
import { ownDatabase } from './services/own-services.ts';
import {
  type HeldRun,
  holdRun,
  inRun,
  loseLease,
  recordOf,
  sampleEpoch,
  sampleFailure,
  sampleResult,
  storeWorker,
} from './services/sample-experiment.ts';
import { failedGates, sampleEvaluations } from './services/sample-evaluations.ts';

const LEASE = { leaseSeconds: 60 };

let database: Database;
let workerId: string;

beforeAll(async () => {
  database = await ownDatabase();
  workerId = await storeWorker(database);
});

const heldRun = (attempt = 1) => holdRun(database, workerId, { attempt });

const lateResult: RunResult = { ...sampleResult(0.99), evaluations: sampleEvaluations(), gates: failedGates };

/** Every write that a worker makes about an attempt. */
const writes: Readonly<Record<string, (id: HeldRun) => Promise<unknown>>> = {
  renewLease: (id) => renewLease(database, { ...id, workerId, ...LEASE }),
  recordProgress: (id) =>
    recordProgress(database, { ...id, epochs: [sampleEpoch(3, { testRobustAccuracy: 0.9 })], audit: { late: 1 } }),
  acceptResult: (id) => acceptResult(database, { ...id, result: lateResult }),
  'acceptResult of a corrupt result': (id) =>
    acceptResult(database, { ...id, result: { ...lateResult, gates: [...failedGates, failedGates[0]] } }),
  ...Object.fromEntries(
    (Object.keys(FAILURE_KINDS) as FailureKind[]).map((kind) => [
      kind,
      (id: HeldRun) => recordFailure(database, { ...id, failure: sampleFailure(kind) }),
    ]),
  ),
};

describe('expireLeases', () => {
  it('takes only the runs whose lease is over, and counts no try', async () => {
    const [kept, lost] = [await heldRun(), await heldRun(2)];
    expect(await expireLeases(database)).toEqual([]);
    await loseLease(database, { ...lost, workerId });
    const before = await recordOf(database, kept.runId);
    const { experimentId } = (await recordOf(database, lost.runId)).row;
    expect(await expireLeases(database)).toEqual([{ ...lost, experimentId, workerId }]);
    expect(await expireLeases(database)).toEqual([]);
    expect(await recordOf(database, kept.runId)).toEqual(before);
    const { row, attempts } = await recordOf(database, lost.runId);
    expect(row).toMatchObject({
      state: 'queued',
      attempt: 2,
      failedAttempts: 0,
      workerId: null,
      leaseUntil: null,
      enqueuedAt: null,
    });
    expect(attempts[1]).toMatchObject({
      attempt: 2,
      workerId,
      outcome: 'worker_lost',
      failure: { kind: 'worker_lost' },
    });
    expect(attempts[1].endedAt).not.toBeNull();
  });

  it('refuses the late result of the lost attempt, before and after the next claim, and accepts that of the next one', async () => {
    const lost = await heldRun();
    await loseLease(database, { ...lost, workerId });
    await expireLeases(database);
    expect(await acceptResult(database, { ...lost, result: sampleResult(0.1) })).toBe('stale');
    const next = { ...lost, attempt: 2 };
    await claimRun(database, { ...next, workerId: await storeWorker(database), ...LEASE });
    expect(await acceptResult(database, { ...lost, result: sampleResult(0.1) })).toBe('stale');
    expect(await acceptResult(database, { ...next, result: sampleResult(0.2) })).not.toBe('stale');
    expect(await acceptResult(database, { ...lost, result: sampleResult(0.1) })).toBe('stale');
    expect(await readRun(database, lost.runId)).toMatchObject({ ...inRun(sampleResult(0.2)), attempt: 2 });
    expect((await readAttempts(database, lost.runId)).map(({ outcome }) => outcome)).toEqual([
      'worker_lost',
      'succeeded',
    ]);
  });

  it('spares a run whose lease was renewed at the last moment, or takes it whole', async () => {
    for (let round = 0; round < 10; round++) {
      const id = await heldRun();
      await loseLease(database, { ...id, workerId });
      const [renewed, expired] = await Promise.all([
        renewLease(database, { ...id, workerId, ...LEASE }),
        expireLeases(database),
      ]);
      expect(expired.length).toBe(renewed === 'stale' ? 1 : 0);
      expect(await readRun(database, id.runId)).toMatchObject({ state: renewed === 'stale' ? 'queued' : 'running' });
    }
  });

  it('loses each run once, however many look', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => heldRun()));
    await Promise.all(ids.map((id) => loseLease(database, { ...id, workerId })));
    const found = (await Promise.all(Array.from({ length: 8 }, () => expireLeases(database)))).flat();
    expect(found.map(({ runId }) => runId).toSorted()).toEqual(ids.map(({ runId }) => runId).toSorted());
  });
});

describe('a stale attempt', () => {
  it.each(Object.keys(writes))('changes nothing by %s', async (write) => {
    const { runId } = await heldRun(2);
    await recordProgress(database, {
      runId,
      attempt: 2,
      epochs: [sampleEpoch(0, { testRobustAccuracy: 0.4 })],
      audit: { now: 1 },
    });
    const before = await recordOf(database, runId);
    for (const attempt of [0, 1, 3]) expect(await writes[write]({ runId, attempt })).toBe('stale');
    expect(await recordOf(database, runId)).toEqual(before);
  });
});

describe('a run that has ended', () => {
  it.each(RUN_STATES.filter(isTerminal))('as %s stays so, whoever writes', async (state) => {
    const { runId, attempt } = await heldRun();
    await recordProgress(database, { runId, attempt, epochs: [sampleEpoch(0)] });
    await database.client.run.update({ where: { id: runId }, data: { state } });
    const before = await recordOf(database, runId);
    for (const write of Object.values(writes))
      for (const number of [attempt, attempt + 1]) expect(await write({ runId, attempt: number })).toBe('stale');
    for (const number of [attempt, attempt + 1])
      expect(await claimRun(database, { runId, attempt: number, workerId, ...LEASE })).toBe('stale');
    await database.client.run.update({ where: { id: runId }, data: { leaseUntil: new Date(0) } });
    expect(await expireLeases(database)).toEqual([]);
    await markEnqueued(database, [{ runId, attempt: attempt + 1 }]);
    await database.client.run.update({ where: { id: runId }, data: { leaseUntil: before.row.leaseUntil } });
    expect(await recordOf(database, runId)).toEqual(before);
    expect((await takeUnqueued(database, { limit: 1000 })).map((run) => run.runId)).not.toContain(runId);
  });
});
