// The queue on the real Redis: what is added once, in which order it is handed out, and what counts as lost.
import type { DeviceClass } from '@reseed/experiment';
import {
  consumeRuns,
  type Handled,
  JobIdError,
  openQueues,
  type Queues,
  type RunConsumer,
  type RunJob,
} from '@reseed/queue';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis, ownRedis } from './services/own-services.ts';
import { silent } from './services/private-home.ts';
import { newRun, until } from './services/queue-ends.ts';

let redisUrl: string;
let queues: Queues;
const consumers: RunConsumer[] = [];
const endings: (() => void)[] = [];
let ending = false;

beforeEach(async () => {
  ending = false;
  redisUrl = await ownRedis();
  queues = openQueues({ redisUrl, logger: silent });
});

afterEach(async () => {
  ending = true;
  for (const end of endings.splice(0)) end();
  await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
  await queues.close();
});

type Given = Pick<RunJob, 'runId' | 'attempt'>;

const newRuns = (count: number, changed: Partial<RunJob> = {}): RunJob[] =>
  Array.from({ length: count }, () => newRun(changed));

async function consume(
  handle: (run: Given) => Promise<Handled>,
  deviceClass: DeviceClass = 'cpu',
): Promise<RunConsumer> {
  const consumer = consumeRuns({ redisUrl, deviceClass, logger: silent, handle });
  consumers.push(consumer);
  await consumer.ready;
  return consumer;
}

/** A consumer that notes what it is given. */
async function collect(deviceClass: DeviceClass = 'cpu'): Promise<Given[]> {
  const given: Given[] = [];
  await consume(async (run) => {
    given.push(run);
    return 'done';
  }, deviceClass);
  return given;
}

/** A consumer that holds each run until it is told what to make of it, or the test ends. */
async function hold() {
  const held: { readonly run: Given; let: (handled: Handled | Error) => void }[] = [];
  const consumer = await consume(
    (run) =>
      new Promise((resolve, reject) => {
        held.push({ run, let: (handled) => (handled instanceof Error ? reject(handled) : resolve(handled)) });
        endings.push(() => resolve('done'));
        if (ending) resolve('done');
      }),
  );
  return { held, consumer };
}

const idsOf = (runs: readonly Given[]) => runs.map(({ runId }) => runId);
const countsOf = async (deviceClass: DeviceClass = 'cpu') =>
  (await queues.counts()).find((queue) => queue.deviceClass === deviceClass)?.counts ?? {};

describe('enqueue', () => {
  it('gives BullMQ the run id and nothing else, under an id that names the attempt to come', async () => {
    const [run] = newRuns(1, { attempt: 3, priority: 5, deviceClass: 'gpu' });
    await queues.enqueue([run]);
    const [, gpu] = queues.queues;
    const jobs = await gpu.getJobs(['prioritized', 'wait', 'active', 'delayed']);
    expect(jobs.map(({ id, name, data }) => ({ id, name, data }))).toEqual([
      { id: `${run.runId}-3`, name: 'run', data: { runId: run.runId } },
    ]);
    expect(await collectUntil(1, 'gpu')).toEqual([{ runId: run.runId, attempt: 3 }]);
  });

  it('adds once what is added twice, one after the other or at the same time', async () => {
    const runs = newRuns(50);
    await queues.enqueue(runs);
    await queues.enqueue(runs.toReversed());
    await Promise.all([queues.enqueue(runs), queues.enqueue(runs), queues.enqueue([...runs, ...runs])]);
    expect(await countsOf()).toMatchObject({ prioritized: 50, waiting: 0, active: 0 });
    expect(idsOf(await collectUntil(50))).toEqual(idsOf(runs));
  });

  it('puts each of many runs into the queue of its device class', async () => {
    const mixed = newRuns(1500).map((run, index): RunJob => (index % 10 === 0 ? { ...run, deviceClass: 'gpu' } : run));
    await queues.enqueue(mixed);
    expect(await queues.counts()).toMatchObject([
      { name: 'reseed-cpu', deviceClass: 'cpu', counts: { prioritized: 1350, active: 0, completed: 0, failed: 0 } },
      { name: 'reseed-gpu', deviceClass: 'gpu', counts: { prioritized: 150 } },
    ]);
    expect(await queues.findLost(mixed)).toEqual([]);
    expect(idsOf(await collectUntil(150, 'gpu'))).toEqual(
      idsOf(mixed.filter(({ deviceClass }) => deviceClass === 'gpu')),
    );
  });

  /** What one consumer has been given once there are so many. */
  async function collectUntil(count: number, deviceClass: DeviceClass = 'cpu'): Promise<Given[]> {
    const given = await collect(deviceClass);
    await until(() => expect(given).toHaveLength(count));
    await until(async () =>
      expect(await countsOf(deviceClass)).toMatchObject({ active: 0, prioritized: 0, waiting: 0 }),
    );
    expect(given).toHaveLength(count);
    return given;
  }
});

describe('a consumer', () => {
  it('is given larger priorities first, equal ones in the order in which they were added', async () => {
    const priorities = [0, 3, -1000, 3, 0, 1000, -1, 0, 1000, -1000];
    const runs = priorities.map((priority) => newRuns(1, { priority })[0]);
    await queues.enqueue(runs.slice(0, 4));
    await queues.enqueue(runs.slice(4));
    const given = await collect();
    await until(() => expect(given).toHaveLength(runs.length));
    const order = [5, 8, 1, 3, 0, 4, 7, 6, 2, 9];
    expect(idsOf(given)).toEqual(order.map((index) => runs[index].runId));
  });

  it('has one run at a time, and two consumers never the same one', async () => {
    const [first, second] = [await hold(), await hold()];
    const runs = newRuns(5);
    await queues.enqueue(runs);
    await until(() => expect([first.held.length, second.held.length]).toEqual([1, 1]));
    expect(await countsOf()).toMatchObject({ active: 2, prioritized: 3 });
    first.held[0].let('done');
    await until(() => expect(first.held).toHaveLength(2));
    expect(second.held).toHaveLength(1);
    const given = [...first.held, ...second.held].map(({ run }) => run.runId);
    expect(given.toSorted()).toEqual(idsOf(runs.slice(0, 3)).toSorted());
  });

  it('whose handler throws is not given that run again, and goes on', async () => {
    const { held } = await hold();
    const runs = newRuns(2);
    await queues.enqueue(runs);
    await until(() => expect(held).toHaveLength(1));
    held[0].let(new Error('the handler threw'));
    await until(() => expect(held).toHaveLength(2));
    held[1].let('done');
    await until(async () => expect(await countsOf()).toMatchObject({ failed: 1, completed: 1, active: 0, delayed: 0 }));
    expect(held.map(({ run }) => run.runId)).toEqual(idsOf(runs));
    expect(await queues.findLost(runs)).toEqual(runs);
    await queues.enqueueAgain(runs.slice(0, 1));
    await until(() => expect(held).toHaveLength(3));
  });

  it('drops a job that no run made', async () => {
    const given = await collect();
    const [cpu] = queues.queues;
    await cpu.add('run', { runId: 'made by hand' }, { jobId: 'made by hand' });
    await until(async () => expect(await countsOf()).toMatchObject({ failed: 1, active: 0 }));
    expect(given).toEqual([]);
    expect((await cpu.getFailed())[0].failedReason).toBe(new JobIdError('made by hand').message);
  });

  it('closes after the run in hand, and takes no other', async () => {
    const { held, consumer } = await hold();
    const runs = newRuns(2);
    await queues.enqueue(runs);
    await until(() => expect(held).toHaveLength(1));
    let closed = false;
    const closing = consumer.close().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(closed).toBe(false);
    held[0].let('done');
    await closing;
    expect(held).toHaveLength(1);
    expect(await countsOf()).toMatchObject({ completed: 1, prioritized: 1, active: 0 });
  });
});

describe("'notNow'", () => {
  it('leaves the run to another consumer when this one closes', async () => {
    const first = await hold();
    const [run] = newRuns(1, { attempt: 2 });
    await queues.enqueue([run]);
    await until(() => expect(first.held).toHaveLength(1));
    const given = await collect();
    const closing = first.consumer.close();
    first.held[0].let('notNow');
    await closing;
    await until(() => expect(given).toEqual([{ runId: run.runId, attempt: 2 }]));
    await until(async () =>
      expect(await countsOf()).toMatchObject({ completed: 1, failed: 0, prioritized: 0, active: 0 }),
    );
  });

  it('puts the run back to its place: after larger priorities, before equal ones', async () => {
    const { held, consumer } = await hold();
    const [run] = newRuns(1);
    await queues.enqueue([run]);
    await until(() => expect(held).toHaveLength(1));
    const later = [newRuns(1)[0], newRuns(1, { priority: 9 })[0], newRuns(1, { priority: -9 })[0]];
    await queues.enqueue(later);
    const closing = consumer.close();
    held[0].let('notNow');
    await closing;
    const given = await collect();
    await until(() => expect(given).toHaveLength(4));
    expect(idsOf(given)).toEqual(idsOf([later[1], run, later[0], later[2]]));
  });

  it('hands the run to the same consumer again while there is no other', async () => {
    const { held } = await hold();
    const [run] = newRuns(1);
    await queues.enqueue([run]);
    for (let round = 1; round <= 3; round++) {
      await until(() => expect(held).toHaveLength(round));
      held[round - 1].let(round === 3 ? 'done' : 'notNow');
    }
    await until(async () => expect(await countsOf()).toMatchObject({ completed: 1, failed: 0, active: 0 }));
    expect(held.map((one) => one.run.runId)).toEqual([run.runId, run.runId, run.runId]);
  });
});

describe('a run that has had its job', () => {
  it('gets no second one by enqueue, but one by enqueueAgain or for its next attempt', async () => {
    const given = await collect();
    const [run] = newRuns(1);
    await queues.enqueue([run]);
    await until(async () => expect(await countsOf()).toMatchObject({ completed: 1 }));
    await queues.enqueue([run]);
    expect(await countsOf()).toMatchObject({ completed: 1, prioritized: 0, active: 0 });
    await queues.enqueueAgain([run]);
    await until(() => expect(given).toHaveLength(2));
    await queues.enqueue([{ ...run, attempt: 2 }]);
    await until(() => expect(given).toHaveLength(3));
    expect(given.map(({ attempt }) => attempt)).toEqual([1, 1, 2]);
  });

  it('is not given twice by enqueueAgain while its job waits or is in hand', async () => {
    const { held } = await hold();
    const runs = newRuns(2);
    await queues.enqueue(runs);
    await until(() => expect(held).toHaveLength(1));
    await queues.enqueueAgain(runs);
    expect(await countsOf()).toMatchObject({ active: 1, prioritized: 1, waiting: 0 });
    held[0].let('done');
    await until(() => expect(held).toHaveLength(2));
    held[1].let('done');
    await until(async () => expect(await countsOf()).toMatchObject({ completed: 2, active: 0, prioritized: 0 }));
    expect(held.map(({ run }) => run.runId)).toEqual(idsOf(runs));
  });
});

describe('findLost', () => {
  it('tells the runs that no worker has or will get', async () => {
    const { held } = await hold();
    const [done, failed, active, waiting, never] = newRuns(5);
    const gpu = newRuns(2, { deviceClass: 'gpu' });
    await queues.enqueue([done, failed, active, waiting, gpu[0]]);
    await until(() => expect(held).toHaveLength(1));
    held[0].let('done');
    await until(() => expect(held).toHaveLength(2));
    held[1].let(new Error('failed'));
    await until(() => expect(held).toHaveLength(3));
    const all = [done, failed, active, waiting, never, ...gpu];
    const lost = [done, failed, never, gpu[1]];
    expect(await queues.findLost(all)).toEqual(lost);
    expect(await queues.findLost([{ ...waiting, attempt: 2 }])).toEqual([{ ...waiting, attempt: 2 }]);
    await queues.queues[0].pause();
    expect(await queues.findLost(all)).toEqual(lost);
    held[2].let('notNow');
    await until(async () => expect(await countsOf()).toMatchObject({ active: 0 }));
    expect(await queues.findLost(all)).toEqual(lost);
    expect(await queues.findLost([])).toEqual([]);
  });

  it('finds everything after Redis was emptied, and a consumer that lost the run in hand goes on', async () => {
    const { held } = await hold();
    const runs = newRuns(3);
    await queues.enqueue(runs);
    await until(() => expect(held).toHaveLength(1));
    await emptyRedis(redisUrl);
    expect(await queues.findLost(runs)).toEqual(runs);
    held[0].let('done');
    await queues.enqueueAgain(runs);
    for (const index of [1, 2, 3]) {
      await until(() => expect(held).toHaveLength(index + 1));
      held[index].let('done');
    }
    await until(async () => expect(await countsOf()).toMatchObject({ completed: 3, active: 0, prioritized: 0 }));
    expect(held.slice(1).map(({ run }) => run.runId)).toEqual(idsOf(runs));
  });
});
