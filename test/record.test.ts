// What is written once and read often, on the real Postgres: experiments, their runs page by page, comparisons, workers.
import {
  acceptResult,
  claimRun,
  comparisonData,
  countLiveWorkers,
  type Database,
  experimentProgress,
  hasLiveWorker,
  HEARTBEAT_LIMIT_SECONDS,
  insertExperiment,
  listExperiments,
  listRuns,
  listWorkers,
  type NewExperiment,
  pageQueued,
  readAttempts,
  readEpochs,
  readExperiment,
  readRun,
  recordFailure,
  recordProgress,
  renewLease,
  markEnqueued,
  stopWorker,
  takeUnqueued,
  trainingSpeeds,
} from '@reseed/database';
import type { RunState } from '@reseed/experiment';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ownDatabase } from './services/own-services.ts';
import {
  holdRun,
  sampleEpoch,
  sampleExperiment,
  sampleFailure,
  sampleResult,
  storeSample,
  storeWorker,
} from './services/sample-experiment.ts';

const LEASE = { leaseSeconds: 60 };
const UNKNOWN = '00000000-0000-7000-8000-000000000000';

let database: Database;

beforeAll(async () => {
  database = await ownDatabase();
});

beforeEach(async () => {
  await database.client.experiment.deleteMany();
  await database.client.worker.deleteMany();
});

const sizes = async () => ({
  experiments: await database.client.experiment.count(),
  conditions: await database.client.condition.count(),
  runs: await database.client.run.count(),
});

/** Claims, and ends as told. */
async function end(runId: string, state: Extract<RunState, 'running' | 'succeeded' | 'failed'>, robust = 0.5) {
  const workerId = await storeWorker(database);
  await claimRun(database, { runId, attempt: 1, workerId, ...LEASE });
  if (state === 'succeeded') await acceptResult(database, { runId, attempt: 1, result: sampleResult(robust) });
  if (state === 'failed') await recordFailure(database, { runId, attempt: 1, failure: sampleFailure('diverged') });
}

describe('insertExperiment', () => {
  it('stores a grid with its conditions and runs, which are all to be queued', async () => {
    const sample = sampleExperiment({ conditions: 3, seeds: 4, deviceClass: 'gpu', priority: -7 });
    const inserted = await insertExperiment(database, sample);
    expect(inserted).toEqual({ outcome: 'inserted', experiment: await readExperiment(database, sample.id) });
    expect(inserted.experiment).toMatchObject({
      name: sample.name,
      grid: sample.grid,
      conditionCount: 3,
      runCount: 12,
      counts: { queued: 12, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
    });
    expect(await sizes()).toEqual({ experiments: 1, conditions: 3, runs: 12 });
    const third = await readRun(database, sample.runs[5].id);
    expect(third).toMatchObject({ ...sample.runs[5], state: 'queued', attempt: 0, experimentId: sample.id });
    expect(third).toMatchObject({ condition: sample.conditions[2].spec, levels: { 'attack.epsilon': 0.3 } });
    expect(await takeUnqueued(database, { limit: 100 })).toEqual(
      sample.runs.map(({ id }) => ({ runId: id, attempt: 1, deviceClass: 'gpu', priority: -7 })),
    );
  });

  it('inserts once for many callers with one key', async () => {
    const callers = Array.from({ length: 10 }, () =>
      sampleExperiment({ conditions: 2, seeds: 5, idempotencyKey: 'one' }),
    );
    const answers = await Promise.all(callers.map((caller) => insertExperiment(database, caller)));
    const [winner, ...others] = answers.filter(({ outcome }) => outcome === 'inserted');
    expect(others).toEqual([]);
    for (const answer of answers) {
      expect(answer.experiment).toEqual(winner.experiment);
      if (answer.outcome === 'existing') expect(answer.sameBody).toBe(true);
    }
    expect(await sizes()).toEqual({ experiments: 1, conditions: 2, runs: 10 });
  });

  it('tells another body under the same key apart, and writes nothing of it', async () => {
    const first = await insertExperiment(database, sampleExperiment({ idempotencyKey: 'taken' }));
    await end((await listRuns(database, { experimentId: first.experiment.id, limit: 1 })).items[0].id, 'succeeded');
    const second = await insertExperiment(database, sampleExperiment({ idempotencyKey: 'taken', name: 'other' }));
    expect(second).toMatchObject({ outcome: 'existing', sameBody: false, experiment: { id: first.experiment.id } });
    expect(second.experiment.counts).toMatchObject({ queued: 0, succeeded: 1 });
    expect(await sizes()).toEqual({ experiments: 1, conditions: 1, runs: 1 });
  });

  it('makes a new experiment each time when there is no key', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => insertExperiment(database, sampleExperiment())));
    expect(answers.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => 'inserted'));
    expect(await sizes()).toEqual({ experiments: 5, conditions: 5, runs: 5 });
  });

  const broken: Readonly<Record<string, (sample: NewExperiment) => NewExperiment>> = {
    'two runs of one condition and seed': (sample) => ({
      ...sample,
      runs: [...sample.runs, { ...sample.runs[0], id: uuidv7(), position: 99 }],
    }),
    'a run of no condition': (sample) => ({
      ...sample,
      runs: [...sample.runs, { ...sample.runs[0], id: uuidv7(), conditionId: UNKNOWN }],
    }),
    'two conditions at one place': (sample) => ({
      ...sample,
      conditions: [...sample.conditions, { ...sample.conditions[0], id: uuidv7() }],
    }),
    'a text that Postgres cannot store': (sample) => ({ ...sample, name: 'nul \0 inside' }),
  };
  it.each(Object.keys(broken))('leaves nothing of a grid with %s, and its key free', async (what) => {
    const sample = sampleExperiment({ conditions: 2, seeds: 2, idempotencyKey: what });
    await expect(insertExperiment(database, broken[what](sample))).rejects.toThrow();
    expect(await sizes()).toEqual({ experiments: 0, conditions: 0, runs: 0 });
    expect(await insertExperiment(database, sample)).toMatchObject({ outcome: 'inserted' });
  });
});

describe('pages', () => {
  /** Follows nextCursor to the end. */
  async function allPages<T, C>(
    read: (cursor: C | undefined) => Promise<{ items: readonly T[]; nextCursor: C | null }>,
  ) {
    const pages: (readonly T[])[] = [];
    for (let cursor: C | undefined; ; ) {
      const { items, nextCursor } = await read(cursor);
      pages.push(items);
      if (nextCursor === null) return pages;
      cursor = nextCursor;
    }
  }

  it.each([1, 2, 3, 7, 11, 12, 13])('of %i list every experiment once, the newest first, ties by id', async (limit) => {
    const stored = [];
    for (let index = 0; index < 12; index++) stored.push((await storeSample(database)).id);
    // Three moments, four experiments each: pages end inside a tie.
    for (const [index, id] of stored.entries())
      await database.client.experiment.update({
        where: { id },
        data: { createdAt: new Date(1_000_000 + Math.floor(index / 4)) },
      });
    const pages = await allPages((cursor?: string) =>
      listExperiments(database, { limit, ...(cursor === undefined ? {} : { cursor }) }),
    );
    expect(pages.flat().map(({ id }) => id)).toEqual(stored.toReversed());
    expect(pages.map((page) => page.length).slice(0, -1)).toEqual(pages.slice(1).map(() => limit));
    expect(pages.at(-1)).not.toEqual([]);
  });

  it.each([1, 4, 5, 8, 9])('of %i list every run of one experiment once, in its order', async (limit) => {
    await storeSample(database, { conditions: 2 });
    const { id, runIds } = await storeSample(database, { conditions: 2, seeds: 4 });
    const read = (state: RunState | undefined) =>
      allPages((cursor?: number) =>
        listRuns(database, {
          experimentId: id,
          limit,
          ...(state && { state }),
          ...(cursor !== undefined && { cursor }),
        }),
      );
    expect((await read(undefined)).flat().map((run) => run.id)).toEqual(runIds);
    for (const index of [1, 3, 4, 6]) await end(runIds[index], 'succeeded');
    const succeeded = await read('succeeded');
    expect(succeeded.flat().map((run) => run.id)).toEqual([1, 3, 4, 6].map((index) => runIds[index]));
    expect(succeeded).toHaveLength(Math.ceil(4 / limit));
    expect(await read('cancelled')).toEqual([[]]);
  });

  it('of queued runs hold each once, and only those that were acknowledged long enough ago', async () => {
    const { runIds } = await storeSample(database, { conditions: 3, seeds: 3 });
    const acknowledged = runIds.slice(0, 7).toSorted();
    await markEnqueued(
      database,
      acknowledged.map((runId) => ({ runId, attempt: 1 })),
    );
    expect(await pageQueued(database, { limit: 100, olderThanSeconds: 60 })).toEqual([]);
    const seen: string[] = [];
    for (let after: string | undefined; ; after = seen.at(-1)) {
      const page = await pageQueued(database, {
        limit: 3,
        olderThanSeconds: -1,
        ...(after === undefined ? {} : { after }),
      });
      seen.push(...page.map(({ runId }) => runId));
      if (page.length < 3) break;
    }
    expect(seen).toEqual(acknowledged);
    expect((await takeUnqueued(database, { limit: 100 })).map(({ runId }) => runId)).toEqual(runIds.slice(7));
  });

  it('are empty where there is nothing', async () => {
    expect(await listExperiments(database, { limit: 5 })).toEqual({ items: [], nextCursor: null });
    expect(await listExperiments(database, { limit: 5, cursor: UNKNOWN })).toEqual({ items: [], nextCursor: null });
    expect(await listRuns(database, { experimentId: UNKNOWN, limit: 5 })).toEqual({ items: [], nextCursor: null });
    expect(await readExperiment(database, UNKNOWN)).toBeUndefined();
    expect(await readRun(database, UNKNOWN)).toBeUndefined();
    expect(await readEpochs(database, UNKNOWN)).toEqual([]);
    expect(await readAttempts(database, UNKNOWN)).toEqual([]);
    expect(await comparisonData(database, UNKNOWN)).toEqual([]);
  });
});

describe('an experiment under way', () => {
  it('shows the epochs of the latest attempt only', async () => {
    const { runId } = await holdRun(database, await storeWorker(database));
    await recordProgress(database, { runId, attempt: 1, epochs: [sampleEpoch(0), sampleEpoch(1), sampleEpoch(2)] });
    await recordFailure(database, { runId, attempt: 1, failure: sampleFailure('trainer_crashed') });
    expect(await readEpochs(database, runId)).toHaveLength(3);
    await claimRun(database, { runId, attempt: 2, workerId: await storeWorker(database), ...LEASE });
    expect(await readEpochs(database, runId)).toEqual([]);
    const again = [sampleEpoch(0, { trainLoss: 9, testCleanAccuracy: 0.125 })];
    await recordProgress(database, { runId, attempt: 2, epochs: again });
    expect(await readEpochs(database, runId)).toEqual(again);
  });

  it('is compared by what each seed of each condition came to', async () => {
    const sample = sampleExperiment({ conditions: 2, seeds: 2 });
    await insertExperiment(database, sample);
    const [first, second, third] = sample.runs.map(({ id }) => id);
    await end(first, 'succeeded', 0.25);
    await end(second, 'failed');
    await end(third, 'running');
    const none = { stopped: null, gatesFailed: [] };
    const nothing = { failureKind: null, metrics: null, weightHash: null, backendClass: null, ...none };
    const { weightHash, metrics, backend } = sampleResult(0.25);
    const runOf = (index: number) => ({ runId: sample.runs[index].id, seed: sample.runs[index].seed });
    expect(await comparisonData(database, sample.id)).toEqual([
      {
        id: sample.conditions[0].id,
        position: 0,
        condition: sample.conditions[0].spec,
        levels: { 'attack.epsilon': 0.1 },
        runs: [
          {
            ...runOf(0),
            ...nothing,
            state: 'succeeded',
            metrics,
            weightHash,
            backendClass: backend.backendClass,
          },
          { ...runOf(2), ...nothing, state: 'running' },
        ],
      },
      {
        id: sample.conditions[1].id,
        position: 1,
        condition: sample.conditions[1].spec,
        levels: { 'attack.epsilon': 0.2 },
        runs: [
          { ...runOf(1), ...nothing, state: 'failed', failureKind: 'diverged' },
          { ...runOf(3), ...nothing, state: 'queued' },
        ],
      },
    ]);
  });

  const progressOf = async (id: string) => {
    const experiment = await readExperiment(database, id);
    if (experiment === undefined) throw new Error(`${id} is not stored`);
    return experimentProgress(database, experiment);
  };

  it('says how far it is', async () => {
    const { id, runIds } = await storeSample(database, { conditions: 2, seeds: 3 });
    await storeSample(database, { conditions: 2 });
    expect(await progressOf(id)).toEqual({
      counts: { queued: 6, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
      running: [],
      stopped: 0,
      gatesFailed: 0,
      averageSeconds: null,
      liveWorkers: { cpu: 0, gpu: 0 },
    });
    await end(runIds[0], 'succeeded');
    await end(runIds[1], 'succeeded');
    await end(runIds[2], 'failed');
    await end(runIds[4], 'running');
    await database.client.run.update({ where: { id: runIds[1] }, data: { seconds: 17.5 } });
    await recordProgress(database, {
      runId: runIds[4],
      attempt: 1,
      epochs: [sampleEpoch(1, { testRobustAccuracy: 0.5 })],
    });
    const progress = await progressOf(id);
    expect(progress).toMatchObject({
      counts: { queued: 2, running: 1, succeeded: 2, failed: 1, cancelled: 0 },
      averageSeconds: 15,
      liveWorkers: { cpu: 4, gpu: 0 },
    });
    expect(progress.running).toMatchObject([
      { runId: runIds[4], attempt: 1, epoch: 1, epochs: 4, robustSoFar: 0.5, levels: { 'attack.epsilon': 0.1 } },
    ]);
  });

  it('teaches how fast each model trains, by the runs that ended last', async () => {
    expect(await trainingSpeeds(database)).toEqual(new Map());
    const tiny = (await storeSample(database, { seeds: 3 })).runIds;
    const net = (await storeSample(database, { model: 'mnist_net' })).runIds;
    await end(tiny[0], 'succeeded', 0.25);
    await end(tiny[1], 'succeeded', 0.75);
    await end(tiny[2], 'failed');
    await end(net[0], 'succeeded', 1);
    expect(await trainingSpeeds(database)).toEqual(
      new Map([
        ['tiny-cnn', 1500],
        ['mnist_net', 2000],
      ]),
    );
  });
});

describe('workers', () => {
  /** As if the last heartbeat had come so many seconds ago. */
  const silentFor = (id: string, seconds: number) =>
    database.client.worker.update({ where: { id }, data: { heartbeatAt: new Date(Date.now() - 1000 * seconds) } });

  it('are alive as long as they are heard of, and have not said that they ended', async () => {
    const cpu = await storeWorker(database);
    const gpu = await storeWorker(database, { deviceClass: 'gpu' });
    const silent = await storeWorker(database, { deviceClass: 'gpu' });
    await silentFor(silent, HEARTBEAT_LIMIT_SECONDS + 2);
    expect(await countLiveWorkers(database)).toEqual({ cpu: 1, gpu: 1 });
    await stopWorker(database, gpu);
    await renewLease(database, { workerId: gpu, ...LEASE });
    expect(await countLiveWorkers(database)).toEqual({ cpu: 1, gpu: 0 });
    expect([await hasLiveWorker(database, 'cpu'), await hasLiveWorker(database, 'gpu')]).toEqual([true, false]);
    await renewLease(database, { workerId: silent, ...LEASE });
    expect(await hasLiveWorker(database, 'gpu')).toBe(true);
    const alive = new Map((await listWorkers(database)).map((worker) => [worker.id, worker.alive]));
    expect(alive).toEqual(
      new Map([
        [cpu, true],
        [gpu, false],
        [silent, true],
      ]),
    );
  });

  it('are listed with the run that they hold, the one heard of last first', async () => {
    const [first, second] = [await storeWorker(database), await storeWorker(database)];
    await silentFor(first, 5);
    await silentFor(second, 9);
    const { runId } = await holdRun(database, second);
    expect(await listWorkers(database)).toMatchObject([
      { id: first, runId: null, host: 'sample', pid: 4711, codeVersion: 'sample', stoppedAt: null },
      { id: second, runId, backend: { device: 'sample device', versions: { tfjs: '0.0.0' } } },
    ]);
    await acceptResult(database, { runId, attempt: 1, result: sampleResult() });
    expect((await listWorkers(database)).map((worker) => worker.runId)).toEqual([null, null]);
    expect((await listWorkers(database, { limit: 1 })).map(({ id }) => id)).toEqual([first]);
  });
});
