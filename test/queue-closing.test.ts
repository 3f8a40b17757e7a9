// The ends of the queue are closed: nothing is left that keeps a process from ending, and a Redis that is away keeps nobody.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { consumeRuns, openQueues } from '@reseed/queue';
import { beforeEach, expect, it } from 'vitest';
import { cutLine } from './services/cut-line.ts';
import { ownRedis } from './services/own-services.ts';
import { silent } from './services/private-home.ts';
import { consumeAll, firstWords, newRun, startScript, until } from './services/queue-ends.ts';

let redisUrl: string;

beforeEach(async () => {
  redisUrl = await ownRedis();
});

async function expectClosed(...closing: Promise<void>[]): Promise<void> {
  const closed = Promise.all(closing).then(() => 'closed');
  expect(await Promise.race([closed, sleep(5000, 'still closing')])).toBe('closed');
}

it('leaves nothing behind that keeps a process from ending', async () => {
  const script = `
    const queues = openQueues({ redisUrl, logger });
    let handled;
    const done = new Promise((resolve) => (handled = resolve));
    const consumer = consumeRuns({ redisUrl, deviceClass: 'cpu', logger, handle: async () => {
      handled();
      return 'done';
    } });
    await consumer.ready;
    await queues.enqueue([{ runId, attempt: 1, deviceClass: 'cpu', priority: 0 }]);
    await done;
    await consumer.close();
    await queues.close();
    console.log('closed');
  `;
  const run = newRun();
  const child = startScript(script, redisUrl, run.runId);
  const exit = once(child, 'exit');
  expect(await firstWords(child)).toBe('closed');
  const ended = await Promise.race([exit, sleep(1500, 'still there')]);
  child.kill('SIGKILL');
  expect(ended).toEqual([0, null]);
  const queues = openQueues({ redisUrl, logger: silent });
  expect((await queues.counts())[0].counts).toMatchObject({ completed: 1, active: 0 });
  await queues.close();
});

it('closes at once when Redis is there', async () => {
  const queues = openQueues({ redisUrl, logger: silent });
  const { consumer } = await consumeAll({ redisUrl });
  await queues.ping();
  const started = performance.now();
  await expectClosed(consumer.close(), queues.close());
  expect(performance.now() - started).toBeLessThan(1500);
});

it.each([0, 1200])('closes %i ms after the line was cut', async (milliseconds) => {
  const line = await cutLine(redisUrl);
  const queues = openQueues({ redisUrl: line.url, logger: silent });
  const { consumer } = await consumeAll({ redisUrl: line.url });
  await queues.ping();
  line.cut();
  await sleep(milliseconds);
  await expectClosed(consumer.close(), queues.close());
});

it('closes when the line is silent', async () => {
  const line = await cutLine(redisUrl);
  const { consumer } = await consumeAll({ redisUrl: line.url });
  line.silence();
  await expectClosed(consumer.close());
});

it('closes when there was never a line', async () => {
  const line = await cutLine(redisUrl);
  line.cut();
  const queues = openQueues({ redisUrl: line.url, logger: silent });
  const consumer = consumeRuns({ redisUrl: line.url, deviceClass: 'cpu', logger: silent, handle: async () => 'done' });
  await sleep(200);
  await expectClosed(consumer.close(), queues.close());
});

it('waits for the run in hand, also while the line is cut', async () => {
  const line = await cutLine(redisUrl);
  const events: string[] = [];
  const consumer = consumeRuns({
    redisUrl: line.url,
    deviceClass: 'cpu',
    logger: silent,
    async handle() {
      events.push('in hand');
      await sleep(3000);
      events.push('handled');
      return 'done';
    },
  });
  await consumer.ready;
  const queues = openQueues({ redisUrl, logger: silent });
  const run = newRun();
  await queues.enqueue([run]);
  await until(() => expect(events).toEqual(['in hand']));
  line.cut();
  await consumer.close();
  events.push('closed');
  expect(events).toEqual(['in hand', 'handled', 'closed']);
  // Nobody could say that it is done: another consumer is going to be given it, and to find out.
  expect(await queues.findLost([run])).toEqual([]);
  await queues.close();
});
