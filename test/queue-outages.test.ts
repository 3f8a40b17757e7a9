// The queue when a consumer dies without a word, and when Redis cannot be reached for a while.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { consumeRuns, openQueues, type Queues } from '@reseed/queue';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { cutLine } from './services/cut-line.ts';
import { ownRedis } from './services/own-services.ts';
import { silent } from './services/private-home.ts';
import { consumeAll, firstWords, newRun, startScript, until } from './services/queue-ends.ts';

let redisUrl: string;
/** It takes a while, on a queue of its own: it goes on beside the other tests. */
let takenOver: Promise<void>;
let killed: ChildProcess | undefined;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  redisUrl = await ownRedis();
  takenOver = expectTakenOver();
  // Looked at by the last test.
  takenOver.catch(() => {});
});

afterEach(async () => {
  for (const end of opened.splice(0)) await end.close();
});

afterAll(() => {
  killed?.kill('SIGKILL');
});

/** The line of this test, with a producer and a consumer at its end. */
async function openBoth(url: string): Promise<{ readonly queues: Queues; readonly given: readonly string[] }> {
  const queues = openQueues({ redisUrl: url, logger: silent });
  opened.push(queues);
  const { consumer, given } = await consumeAll({ redisUrl: url });
  opened.push(consumer);
  return { queues, given };
}

async function expectTakenOver(): Promise<void> {
  const queues = openQueues({ redisUrl, logger: silent });
  const run = newRun({ deviceClass: 'gpu' });
  await queues.enqueue([run]);
  killed = startScript(
    `consumeRuns({ redisUrl, deviceClass: 'gpu', logger, handle: async ({ runId }) => {
      console.log(runId);
      return new Promise(() => {});
    } });`,
    redisUrl,
  );
  expect(await firstWords(killed)).toBe(run.runId);
  const { consumer, given } = await consumeAll({ redisUrl, deviceClass: 'gpu' });
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await queues.findLost([run])).toEqual([]);
  expect(given).toEqual([]);
  await until(() => expect(given).toEqual([run.runId]), 20_000);
  await until(async () => expect(await queues.findLost([run])).toEqual([run]));
  await consumer.close();
  await queues.close();
}

it('fails a producer soon when the line is cut, and serves it when the line is mended', async () => {
  const line = await cutLine(redisUrl);
  const { queues, given } = await openBoth(line.url);
  await queues.ping();
  const underWay = expect(queues.ping()).rejects.toThrow();
  line.cut();
  const started = performance.now();
  await underWay;
  await expect(queues.enqueue([newRun()])).rejects.toThrow();
  await expect(queues.ping()).rejects.toThrow();
  expect(performance.now() - started).toBeLessThan(5000);
  line.mend();
  const run = newRun();
  await until(() => queues.enqueue([run]));
  await until(() => expect(given).toContain(run.runId));
});

it('works once Redis is there, when both ends were opened before it was', async () => {
  const line = await cutLine(redisUrl);
  line.cut();
  const both = openBoth(line.url);
  const early = openQueues({ redisUrl: line.url, logger: silent });
  opened.push(early);
  await expect(early.enqueue([newRun()])).rejects.toThrow();
  await sleep(300);
  line.mend();
  const { given } = await both;
  const run = newRun();
  await until(() => early.enqueue([run]));
  await until(() => expect(given).toContain(run.runId));
});

it('gives the rest to a consumer whose line was cut while it had a run in hand', async () => {
  const line = await cutLine(redisUrl);
  const queues = openQueues({ redisUrl, logger: silent });
  const given: string[] = [];
  const consumer = consumeRuns({
    redisUrl: line.url,
    deviceClass: 'cpu',
    logger: silent,
    async handle({ runId }) {
      given.push(runId);
      if (given.length === 1) {
        line.cut();
        await sleep(500);
        line.mend();
      }
      return 'done';
    },
  });
  opened.push(consumer, queues);
  await consumer.ready;
  const runs = [newRun(), newRun(), newRun()];
  await queues.enqueue(runs);
  await until(() => expect(given).toEqual(runs.map(({ runId }) => runId)));
  await until(async () => expect(await queues.findLost(runs)).toEqual(runs));
});

it('takes a line that went silent for dead within ten seconds, at either end', async () => {
  const line = await cutLine(redisUrl);
  const { queues, given } = await openBoth(line.url);
  await queues.ping();
  line.silence();
  line.mend();
  const run = newRun();
  const answers = await Promise.race([
    queues.enqueue([run]).then(
      () => 'acknowledged',
      () => 'failed',
    ),
    sleep(12_000, 'none'),
  ]);
  expect(answers).toBe('failed');
  await until(() => queues.enqueue([run]));
  await until(() => expect(given).toContain(run.runId));
});

it('gives the run of a consumer that was killed to another one, within twenty seconds', async () => {
  await takenOver;
});
