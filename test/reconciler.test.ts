// The reconciler on the real Postgres and Redis: whatever is lost between the record and the queue comes back, once.
import { type Reconciler, startReconciler } from '@reseed/api';
import {
  acceptResult,
  claimRun,
  type Database,
  insertExperiment,
  markEnqueued,
  openDatabase,
  readRun,
  takeUnqueued,
} from '@reseed/database';
import { openQueues, type Queues } from '@reseed/queue';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cutLine } from './services/cut-line.ts';
import { emptyRedis, ownDatabase, ownRedis } from './services/own-services.ts';
import { silent, sql } from './services/private-home.ts';
import { consumeAll, until } from './services/queue-ends.ts';
import {
  sampleExperiment,
  sampleResult,
  type SampleOptions,
  storeSample,
  storeWorker,
} from './services/sample-experiment.ts';

let database: Database;
let redisUrl: string;
let queues: Queues;
const opened: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await ownDatabase();
});

beforeEach(async () => {
  redisUrl = await ownRedis();
  await database.client.experiment.deleteMany();
  queues = openQueues({ redisUrl, logger: silent });
  opened.push(() => queues.close());
});

afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

function reconcile(context: { readonly database?: Database; readonly queues?: Queues } = {}): Reconciler {
  const reconciler = startReconciler({ database, queues, logger: silent, ...context });
  opened.push(() => reconciler.stop());
  return reconciler;
}

/** The ids of all jobs that a worker has or will get. */
async function liveJobs(): Promise<string[]> {
  const ids = await Promise.all(
    queues.queues.map((queue) => queue.getRanges(['wait', 'prioritized', 'active', 'delayed'], 0, -1)),
  );
  return ids.flat().toSorted();
}

const jobsOf = (runIds: readonly string[], attempt = 1) => runIds.map((id) => `${id}-${attempt}`).toSorted();

const expectJobs = (jobs: readonly string[], within: number) =>
  until(async () => expect(await liveJobs()).toEqual(jobs), within);

const store = (options?: SampleOptions) => storeSample(database, options);

/** As if the queue had acknowledged all queued runs a minute ago. */
const settle = () =>
  sql(database.url, `UPDATE run SET enqueued_at = now() - interval '1 minute' WHERE state = 'queued'`);

const waiting = () => takeUnqueued(database, { limit: 10_000 });

describe('new runs', () => {
  it('get their jobs within two seconds of a kick, in the queue and at the place that are theirs', async () => {
    const reconciler = reconcile();
    await store();
    await until(async () => expect(await waiting()).toEqual([]));
    const first = await store({ conditions: 2, seeds: 2 });
    const urgent = await store({ priority: 10 });
    const gpu = await store({ deviceClass: 'gpu' });
    reconciler.kick();
    await until(async () => expect(await waiting()).toEqual([]), 2000);
    expect((await queues.queues[1].getPrioritized()).map(({ id }) => id)).toEqual(jobsOf(gpu.runIds));
    const { consumer, given } = await consumeAll({ redisUrl });
    opened.push(() => consumer.close());
    await until(() => expect(given).toHaveLength(6));
    expect(given.filter((runId) => [...urgent.runIds, ...first.runIds].includes(runId))).toEqual([
      ...urgent.runIds,
      ...first.runIds,
    ]);
  });

  it('get them without a kick too, which another process may have got', async () => {
    reconcile();
    const { runIds } = await store({ seeds: 3 });
    await expectJobs(jobsOf(runIds), 3000);
  });

  it('get one job each when there are thousands', async () => {
    const reconciler = reconcile();
    const { runIds } = await store({ conditions: 6, seeds: 750 });
    reconciler.kick();
    await expectJobs(jobsOf(runIds), 10_000);
    expect((await queues.counts())[0].counts).toMatchObject({ prioritized: 4500, waiting: 0, delayed: 0 });
  });
});

describe('a crash between the queue and the record', () => {
  it('doubles nothing when the jobs still wait', async () => {
    const { runIds } = await store({ seeds: 5 });
    const runs = await waiting();
    await queues.enqueue(runs.slice(0, 3));
    reconcile();
    await until(async () => expect(await waiting()).toEqual([]));
    expect(await liveJobs()).toEqual(jobsOf(runIds));
  });

  it('doubles nothing when a worker has the run already, whoever notes it late', async () => {
    const [runId] = (await store()).runIds;
    const runs = await waiting();
    await queues.enqueue(runs);
    const { consumer, given } = await consumeAll({ redisUrl });
    opened.push(() => consumer.close());
    const workerId = await storeWorker(database);
    expect(await claimRun(database, { runId, attempt: 1, workerId, leaseSeconds: 60 })).not.toBe('stale');
    await markEnqueued(database, runs);
    reconcile().kick();
    await sleep(1500);
    expect(given).toEqual([runId]);
    expect(await liveJobs()).toEqual([]);
    expect(await acceptResult(database, { runId, attempt: 1, result: sampleResult() })).not.toBe('stale');
  });

  it('brings back a run whose job was used up without a claim', async () => {
    const { runIds } = await store({ seeds: 2 });
    await queues.enqueue(await waiting());
    const { consumer, given } = await consumeAll({ redisUrl });
    await until(() => expect(given).toHaveLength(2));
    await consumer.close();
    await settle();
    reconcile();
    await expectJobs(jobsOf(runIds), 3000);
  });
});

describe('a Redis that was emptied', () => {
  it('is filled again with one job for each run that waits, and for no other', async () => {
    reconcile();
    const { runIds } = await store({ conditions: 3, seeds: 10 });
    await expectJobs(jobsOf(runIds), 5000);
    const workerId = await storeWorker(database);
    for (const runId of runIds.slice(0, 2)) await claimRun(database, { runId, attempt: 1, workerId, leaseSeconds: 60 });
    await acceptResult(database, { runId: runIds[0], attempt: 1, result: sampleResult() });
    await emptyRedis(redisUrl);
    expect(await liveJobs()).toEqual([]);
    await expectJobs(jobsOf(runIds.slice(2)), 15_000);
    const { consumer, given } = await consumeAll({ redisUrl });
    opened.push(() => consumer.close());
    await until(() => expect(given.toSorted()).toEqual(runIds.slice(2).toSorted()));
    await sleep(500);
    expect(given).toHaveLength(28);
  });
});

describe('a lease that is over', () => {
  it('brings the run back under the number of the next attempt', async () => {
    const { runIds } = await store({ seeds: 2 });
    const workerId = await storeWorker(database);
    await claimRun(database, { runId: runIds[0], attempt: 1, workerId, leaseSeconds: -1 });
    reconcile();
    await expectJobs([`${runIds[0]}-2`, `${runIds[1]}-1`].toSorted(), 3000);
    expect(await readRun(database, runIds[0])).toMatchObject({
      state: 'queued',
      attempt: 1,
      failedAttempts: 0,
      workerId: null,
    });
    expect(await claimRun(database, { runId: runIds[0], attempt: 2, workerId, leaseSeconds: 60 })).not.toBe('stale');
  });
});

describe('while Redis cannot be reached', () => {
  it('experiments are stored, leases end, and all is queued when it is back', async () => {
    const line = await cutLine(redisUrl);
    const far = openQueues({ redisUrl: line.url, logger: silent });
    opened.push(() => far.close());
    await far.ping();
    const reconciler = reconcile({ queues: far });
    line.cut();
    const [first, second] = [await store({ seeds: 3 }), await store({ conditions: 2, deviceClass: 'gpu' })];
    const workerId = await storeWorker(database);
    await claimRun(database, { runId: first.runIds[0], attempt: 1, workerId, leaseSeconds: -1 });
    reconciler.kick();
    await until(async () =>
      expect(await readRun(database, first.runIds[0])).toMatchObject({ state: 'queued', attempt: 1 }),
    );
    await sleep(1500);
    expect(await liveJobs()).toEqual([]);
    expect(await waiting()).toHaveLength(5);
    line.mend();
    const jobs = [...jobsOf(first.runIds.slice(0, 1), 2), ...jobsOf(first.runIds.slice(1)), ...jobsOf(second.runIds)];
    await expectJobs(jobs.toSorted(), 8000);
    await until(async () => expect(await waiting()).toEqual([]));
  });

  it('the reconciler can be stopped', async () => {
    const line = await cutLine(redisUrl);
    line.cut();
    const far = openQueues({ redisUrl: line.url, logger: silent });
    opened.push(() => far.close());
    const reconciler = reconcile({ queues: far });
    await store();
    await sleep(300);
    const stopped = reconciler.stop().then(() => 'stopped');
    expect(await Promise.race([stopped, sleep(4000, 'still running')])).toBe('stopped');
  });
});

describe('while Postgres cannot be reached', () => {
  it('nothing is done, and all is done when it is back', async () => {
    const line = await cutLine(database.url);
    const far = openDatabase({ url: line.url });
    opened.push(() => far.close());
    const reconciler = reconcile({ database: far });
    const first = await store();
    await expectJobs(jobsOf(first.runIds), 3000);
    // The job is there before the record says so.
    await until(async () => expect(await waiting()).toEqual([]));
    line.cut();
    const second = await store({ seeds: 2 });
    reconciler.kick();
    await sleep(1500);
    expect(await waiting()).toHaveLength(2);
    line.mend();
    await expectJobs(jobsOf([...first.runIds, ...second.runIds]), 5000);
  });
});

describe('of two reconcilers on one database', () => {
  /** The real queues, which note in whose name something was put in. */
  const noting = (name: string, notes: string[]): Queues => ({
    ...queues,
    enqueue: (runs) => {
      notes.push(...runs.map(() => name));
      return queues.enqueue(runs);
    },
  });

  it('one works; when it stops the other takes over', async () => {
    const notes: string[] = [];
    const first = reconcile({ queues: noting('first', notes) });
    await store();
    await until(() => expect(notes).toEqual(['first']));
    const second = reconcile({ queues: noting('second', notes) });
    await store({ seeds: 2 });
    second.kick();
    await until(() => expect(notes).toEqual(['first', 'first', 'first']));
    await first.stop();
    await store();
    second.kick();
    await until(() => expect(notes).toEqual(['first', 'first', 'first', 'second']), 3000);
    expect(await liveJobs()).toHaveLength(4);
  });

  it('either may work on when the session of the leader is killed, and no job is doubled', async () => {
    const notes: string[] = [];
    reconcile({ queues: noting('first', notes) });
    reconcile({ queues: noting('second', notes) });
    const stored = [await store()];
    await until(() => expect(notes).toHaveLength(1));
    await killLeader();
    stored.push(await store({ seeds: 3 }));
    await expectJobs(jobsOf(stored.flatMap(({ runIds }) => runIds)), 5000);
  });

  it('one alone takes the lead again when its session is killed', async () => {
    reconcile();
    await until(async () => expect(await sql(database.url, LEADER)).toHaveLength(1));
    const [before] = await killLeader();
    await until(async () => expect(await sql(database.url, LEADER)).toEqual([{ pid: expect.any(Number) }]), 5000);
    expect(await sql(database.url, LEADER)).not.toEqual([before]);
  });

  const LEADER = `SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND datname = current_database()`;

  /** @returns whose session it was */
  async function killLeader(): Promise<Record<string, unknown>[]> {
    const leader = await sql(database.url, LEADER);
    for (const { pid } of leader) await sql(database.url, `SELECT pg_terminate_backend(${Number(pid)}, 5000)`);
    return leader;
  }
});

it('queues a grid that was posted twice under one key once', async () => {
  const [first, second] = [
    sampleExperiment({ seeds: 2, idempotencyKey: 'k' }),
    sampleExperiment({ seeds: 2, idempotencyKey: 'k' }),
  ];
  reconcile();
  const answers = await Promise.all([insertExperiment(database, first), insertExperiment(database, second)]);
  const winner = answers[0].outcome === 'inserted' ? first : second;
  await expectJobs(jobsOf(winner.runs.map(({ id }) => id)), 3000);
});
