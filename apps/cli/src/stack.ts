// The whole product on one machine: services, API and workers, started in order and ended in the opposite one.
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config, Logger } from '@reseed/config';
import { startServices, stopServices } from '@reseed/embedded-services';
import { type OwnProcess, startChild } from './child-process.ts';
import { removeStackRecord, writeStackRecord } from './stack-record.ts';

export interface StackOptions {
  readonly home: string;
  readonly config: Config;
  readonly logger: Logger;
  readonly workers: number;
  readonly device: string;
  /** how long a stopping worker may finish its run before it hands it back */
  readonly drainSeconds: number;
  readonly workerArguments?: readonly string[];
}

export interface Stack {
  readonly url: string;
  readonly redisUrl: string;
  readonly startWorkers: (count: number) => Promise<void>;
  /** Ends workers, API and the private services; resolves when no process is left. */
  stop(): Promise<void>;
}

const moduleOf = (name: string) => fileURLToPath(import.meta.resolve(name));

/** A crashed worker is replaced this often; after that something is wrong that a restart does not mend. */
const WORKER_RESTARTS = 5;

/** The wanted port if it is free, else any free one. */
async function freePort(host: string, wanted: number): Promise<number> {
  const isFree = await new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host, port: wanted }, () => probe.close(() => resolve(true)));
  });
  return isFree ? wanted : 0;
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const { home, config, logger } = options;
  const services = await startServices({ home, logger, env: config });
  const owned: OwnProcess[] = [];
  let stopping = false;
  const stop = async () => {
    stopping = true;
    removeStackRecord(home);
    // Workers first: they hand their runs back while Postgres and the API still answer.
    const [api, ...workers] = owned;
    await Promise.all(workers.map((worker) => worker.stop()));
    await api?.stop();
    await services.stop();
    // Also what an earlier command that was killed has left behind in this home.
    await stopServices({ home });
  };
  try {
    const env = { ...process.env, DATABASE_URL: services.databaseUrl, REDIS_URL: services.redisUrl, RESEED_HOME: home };
    const port = await freePort(config.RESEED_HOST, config.RESEED_PORT);
    const api = await startChild({
      name: 'the API',
      module: moduleOf('@reseed/api/main'),
      arguments: [],
      env: { ...env, RESEED_PORT: String(port), RESEED_URL: '' },
      logFile: join(home, 'logs', 'api.log'),
    });
    owned.push(api);
    const url = String(api.ready['url']);

    let number = 0;
    let restarts = 0;
    const startWorker = async (): Promise<void> => {
      number += 1;
      const worker = await startChild({
        name: `worker ${number}`,
        module: moduleOf('@reseed/worker/main'),
        arguments: [
          '--device',
          options.device,
          '--drain-seconds',
          String(options.drainSeconds),
          ...(options.workerArguments ?? []),
        ],
        env: { ...env, RESEED_URL: url },
        logFile: join(home, 'logs', `worker-${number}.log`),
      });
      owned.push(worker);
      worker.process.once('exit', (code, signal) => {
        if (stopping) return;
        restarts += 1;
        logger.warn({ code, signal, restarts }, 'a worker ended; its run goes to another one');
        if (restarts <= WORKER_RESTARTS)
          startWorker().catch((error: unknown) => logger.error({ err: error }, 'the worker could not be replaced'));
      });
    };
    const startWorkers = async (count: number) => {
      await Promise.all(Array.from({ length: count }, startWorker));
    };
    await startWorkers(options.workers);
    writeStackRecord(home, { pid: process.pid, url });
    return { url, redisUrl: services.redisUrl, startWorkers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Forgets everything a home holds but its download cache. Its services must be stopped. */
export function eraseHome(home: string): void {
  for (const part of ['postgres', 'redis', 'logs']) rmSync(join(home, part), { recursive: true, force: true });
}
