// Both ends of the queue as tests want them: runs without a record, a consumer that says yes, processes of their own.
import { type ChildProcess, spawn } from 'node:child_process';
import { consumeRuns, type RunConsumer, type RunJob } from '@reseed/queue';
import { v7 as uuidv7 } from 'uuid';
import { vi } from 'vitest';
import { root, silent } from './private-home.ts';

export const newRun = (changed: Partial<RunJob> = {}): RunJob => ({
  runId: uuidv7(),
  attempt: 1,
  deviceClass: 'cpu',
  priority: 0,
  ...changed,
});

/** Waits until it holds. */
export const until = (expectation: () => unknown, timeout = 10_000) =>
  vi.waitFor(expectation, { timeout, interval: 10 });

/** @returns when it is ready, with the ids of the runs that it was given and called done */
export async function consumeAll(options: {
  readonly redisUrl: string;
  readonly deviceClass?: RunJob['deviceClass'];
}): Promise<{ readonly consumer: RunConsumer; readonly given: readonly string[] }> {
  const given: string[] = [];
  const consumer = consumeRuns({
    redisUrl: options.redisUrl,
    deviceClass: options.deviceClass ?? 'cpu',
    logger: silent,
    async handle({ runId }) {
      given.push(runId);
      return 'done';
    },
  });
  await consumer.ready;
  return { consumer, given };
}

const preamble = `
  import { createLogger } from '@reseed/config';
  import { consumeRuns, openQueues } from '@reseed/queue';
  const logger = createLogger({ name: 'child', level: 'warn', destination: 'stderr' });
  const [redisUrl, runId] = process.argv.slice(1);
`;

/** A process of its own, from source, without a build; its parameters are `redisUrl` and `runId`. */
export function startScript(script: string, ...parameters: string[]): ChildProcess {
  const options = ['--conditions=source', `--import=${import.meta.resolve('tsx')}`, '--input-type=module'];
  return spawn(process.execPath, [...options, '--eval', preamble + script, ...parameters], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The first thing that a process writes. */
export async function firstWords({ stdout }: ChildProcess): Promise<string> {
  for await (const part of stdout ?? []) return String(part).trim();
  throw new Error('It ended without a word.');
}
