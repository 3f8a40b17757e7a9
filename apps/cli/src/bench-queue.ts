// `reseed bench queue`: what the orchestration costs, on a private Postgres and Redis, with trainers that do not train.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Config, createLogger, stateHome } from '@reseed/config';
import type { ExperimentView, SubmitAnswer } from '@reseed/api';
import { ApiClient } from './api-client.ts';
import { cloneRoot } from './clone-root.ts';
import { startStack } from './stack.ts';

/** Two workers of one slot each, as the figure is defined. */
const WORKERS = 2;
const POLL_MILLISECONDS = 20;
/** Counting the runs of a large experiment costs the database something; asked rarely, it stays out of the figure. */
const DONE_POLL_MILLISECONDS = 250;

export class BenchTrainerError extends Error {
  override readonly name = 'BenchTrainerError';
  constructor(readonly trainer: string) {
    super(`--trainer must be noop or sleep:MS with MS from 0 to 600000, got "${trainer}"`);
  }
}

/** The flags of a worker that runs a benchmark trainer. @throws BenchTrainerError */
function trainerArguments(trainer: string): string[] {
  const match = /^(?:noop|sleep:(\d{1,6}))$/.exec(trainer);
  if (match === null || Number(match[1] ?? 0) > 600_000) throw new BenchTrainerError(trainer);
  return ['--trainer', join(cloneRoot, 'test/bench/idle-trainer.mjs'), `--trainer-argument=${match[1] ?? '0'}`];
}

/** `runs` runs as 1 to 200 conditions × seeds; a run count that has no such product is rounded up to one. */
function benchGrid(runs: number) {
  const conditions = Math.max(1, Math.min(200, Math.floor(Math.sqrt(runs))));
  const seeds = Math.ceil(runs / conditions);
  const epsilons = Array.from({ length: conditions }, (_, index) => index / 1000);
  return {
    name: `bench-${runs}`,
    base: { model: 'tiny-cnn' },
    axes: { 'attack.epsilon': epsilons },
    seeds: { count: seeds, master: 1 },
  };
}

export interface QueueFigures {
  readonly runs: number;
  readonly trainer: string;
  readonly workers: number;
  readonly postTo202Ms: number;
  /** from the POST until the queue holds every run */
  readonly allQueuedSeconds: number;
  /** the same number of jobs straight into BullMQ, on the same Redis */
  readonly rawAddBulkSeconds: number;
  /** wall time from the first to the last result, per run; claim and result durable in Postgres */
  readonly overheadMsPerRun: number;
}

/** @throws BenchTrainerError */
export async function benchQueue(options: {
  readonly config: Config;
  readonly runs: number;
  readonly trainer: string;
}): Promise<QueueFigures> {
  const workerArguments = trainerArguments(options.trainer);
  const parent = stateHome({ root: cloneRoot, env: options.config });
  const home = mkdtempSync(`${parent}-bench-`);
  const { DATABASE_URL: _database, REDIS_URL: _redis, RESEED_ARTIFACTS: _artifacts, ...config } = options.config;
  const logger = createLogger({ name: 'bench', level: 'warn', destination: 'stderr' });
  try {
    const stack = await startStack({
      home,
      config,
      logger,
      workers: 0,
      device: 'cpu',
      drainSeconds: 0,
      workerArguments,
    });
    try {
      const client = new ApiClient({ url: stack.url, key: config.RESEED_API_KEY });
      const grid = benchGrid(options.runs);
      const posted = performance.now();
      const { id, runs } = await client.call<SubmitAnswer>('POST', '/v1/experiments', { body: grid });
      const postTo202Ms = performance.now() - posted;
      await until(async () => (await waitingRuns(client)) >= runs);
      const allQueuedSeconds = (performance.now() - posted) / 1000;
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [join(cloneRoot, 'test/bench/raw-add-bulk.mjs'), String(runs)],
        { env: { ...process.env, REDIS_URL: stack.redisUrl } },
      );
      const rawAddBulkSeconds = Number(stdout);

      await stack.startWorkers(WORKERS);
      const done = async () => (await client.call<ExperimentView>('GET', `/v1/experiments/${id}`)).counts.succeeded;
      let atStart = 0;
      await until(async () => (atStart = await done()) > 0);
      const started = performance.now();
      let atEnd = atStart;
      await until(async () => (atEnd = await done()) >= runs, DONE_POLL_MILLISECONDS);
      const overheadMsPerRun = (performance.now() - started) / Math.max(1, atEnd - atStart);
      return {
        runs,
        trainer: options.trainer,
        workers: WORKERS,
        postTo202Ms,
        allQueuedSeconds,
        rawAddBulkSeconds,
        overheadMsPerRun,
      };
    } finally {
      await stack.stop();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function waitingRuns(client: ApiClient): Promise<number> {
  const { queues } = await client.call<{ queues: { counts: Record<string, number> }[] }>('GET', '/v1/queues');
  return queues.reduce((sum, { counts }) => sum + (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0), 0);
}

async function until(condition: () => Promise<boolean>, every = POLL_MILLISECONDS): Promise<void> {
  while (!(await condition())) await pause(every);
}
