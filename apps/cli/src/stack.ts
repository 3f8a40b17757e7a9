// The whole product on one machine: services, API and workers, started in order and ended in the opposite one.
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artifactsAddress, type Config, type Logger } from '@reseed/config';
import { startServices, stopServices } from '@reseed/embedded-services';
import { type OwnProcess, startChild } from './child-process.ts';
import { cloneRoot } from './clone-root.ts';
import { dataFolderArguments, fetchFolder } from './data-folder.ts';
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

/** Crashed processes are replaced this often in all; after that something is wrong that a restart does not mend. */
const RESTARTS = 5;

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
  const env = {
    ...process.env,
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    RESEED_HOME: home,
    RESEED_ARTIFACTS: artifactsAddress({ root: cloneRoot, env: { ...config, RESEED_HOME: home } }),
  };
  const owned: Record<'api' | 'workers', OwnProcess[]> = { api: [], workers: [] };
  const starting = new Set<Promise<OwnProcess>>();
  let stopping = false;
  let restarts = 0;

  /** Starts a process and, when it ends by itself, another one in its place. */
  const keep = async (kind: 'api' | 'workers', start: () => Promise<OwnProcess>): Promise<OwnProcess> => {
    const started = start().then((child) => {
      owned[kind].push(child);
      return child;
    });
    starting.add(started);
    const child = await started.finally(() => starting.delete(started));
    const replace = (code: number | null, signal: NodeJS.Signals | null) => {
      if (stopping) return;
      restarts += 1;
      logger.warn({ kind, code, signal, restarts }, 'a process ended by itself; another one takes its place');
      if (restarts <= RESTARTS)
        keep(kind, start).catch((error: unknown) => logger.error({ err: error }, 'it could not be replaced'));
    };
    // It may have ended between its last word and this line.
    if (child.process.exitCode !== null || child.process.signalCode !== null)
      replace(child.process.exitCode, child.process.signalCode);
    else child.process.once('exit', replace);
    return child;
  };

  const stop = async () => {
    stopping = true;
    removeStackRecord(home);
    await Promise.allSettled(starting);
    // Workers first: they hand their runs back while Postgres and the API still answer.
    await Promise.all(owned.workers.map((worker) => worker.stop()));
    await Promise.all(owned.api.map((api) => api.stop()));
    await services.stop();
    // Also what an earlier command that was killed has left behind in this home.
    await stopServices({ home });
  };

  try {
    let port = await freePort(config.RESEED_HOST, config.RESEED_PORT);
    const api = await keep('api', () =>
      startChild({
        name: 'the API',
        module: moduleOf('@reseed/api/main'),
        arguments: [],
        env: { ...env, RESEED_PORT: String(port), RESEED_URL: '' },
        logFile: join(home, 'logs', 'api.log'),
      }),
    );
    const url = String(api.ready['url']);
    // One that takes its place is found at the same address.
    port = Number(new URL(url).port);

    // Workers look into it from now on, also for what is fetched or linked there while they work.
    mkdirSync(fetchFolder(home), { recursive: true });
    let number = 0;
    const startWorker = async () => {
      number += 1;
      const { device, drainSeconds, workerArguments = [] } = options;
      return startChild({
        name: `worker ${number}`,
        module: moduleOf('@reseed/worker/main'),
        arguments: [
          ...['--device', device, '--drain-seconds', String(drainSeconds)],
          ...dataFolderArguments(home),
          ...workerArguments,
        ],
        env: { ...env, RESEED_URL: url },
        logFile: join(home, 'logs', `worker-${number}.log`),
      });
    };
    const startWorkers = async (count: number) => {
      await Promise.all(Array.from({ length: count }, () => keep('workers', startWorker)));
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
  for (const part of ['services', 'logs', 'artifacts']) rmSync(join(home, part), { recursive: true, force: true });
}
