// A private Redis in the state home: its configuration, its start after whatever happened before, and its end.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@reseed/config';
import { Redis } from 'ioredis';
import { type InstanceRecord, type OwnService, readRecord, writeRecord } from './instance-record.ts';
import { commandLineOf, isAlive } from './process-identity.ts';
import { findRedis } from './redis-binary.ts';
import { endProcess, START_LIMIT_MS, startOnFreePort, startServer } from './server-process.ts';
import { untilAnswers } from './until-answers.ts';

/**
 * Finds this folder's server alive or starts it. The caller holds the lock of the state home.
 *
 * @param options.folder the service's own folder in the state home
 * @param options.cache where unpacked programs are kept
 * @throws RedisUnavailableError, ServiceStartError
 */
export async function provideRedis(options: {
  readonly folder: string;
  readonly cache: string;
  readonly logger: Logger;
}): Promise<OwnService> {
  const { folder, logger } = options;
  const recordFile = join(folder, 'instance.json');
  const recorded = readRecord(recordFile);
  if (recorded && isServing(recorded.pid, folder)) {
    await untilAnswers(() => askRedis(urlOf(recorded)), { limitMs: START_LIMIT_MS });
    return { url: urlOf(recorded), pid: recorded.pid, how: 'found' };
  }

  const program = await findRedis({ cache: options.cache, logger });
  const password = recorded?.password ?? randomBytes(24).toString('hex');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const started = await startOnFreePort(recorded?.port, async (port) => {
    const record = { port, password, pid: 0 };
    writeFileSync(configurationOf(folder), configure(folder, record), { mode: 0o600 });
    const command = {
      service: 'Redis',
      file: program.file,
      args: [configurationOf(folder)],
      cwd: folder,
      env: { ...process.env, ...program.env },
      logFile: join(folder, 'server.log'),
      account: undefined,
    };
    const pid = await startServer(command, {
      ask: () => askRedis(urlOf(record)),
      // Written before the first answer: a caller killed while it waits leaves a server that the next one finds.
      onSpawn: (spawned) => writeRecord(recordFile, { ...record, pid: spawned }),
    });
    return { ...record, pid };
  });
  logger.info({ port: started.port, version: program.version }, 'Started a private Redis');
  return { url: urlOf(started), pid: started.pid, how: 'started' };
}

/**
 * Ends the server of this folder, with its append-only file on disk.
 *
 * @param options.onlyPid end it only if it is this process
 */
export async function stopRedis(options: { readonly folder: string; readonly onlyPid?: number }): Promise<void> {
  const pid = readRecord(join(options.folder, 'instance.json'))?.pid ?? 0;
  if (!isServing(pid, options.folder) || (options.onlyPid !== undefined && options.onlyPid !== pid)) return;
  await endProcess(pid, [
    ['SIGTERM', 20_000],
    ['SIGKILL', 5000],
  ]);
}

/** Sends PING to an address. */
export async function askRedis(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    maxRetriesPerRequest: 0,
    enableReadyCheck: true,
    retryStrategy: () => null,
  });
  // The reason arrives here; connect() itself only says that the connection is closed.
  let reason: unknown;
  client.on('error', (error) => (reason = error));
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

/** With `set-proc-title no` the command line keeps the path of the configuration, which no other server has. */
function isServing(pid: number, folder: string): boolean {
  return pid > 0 && isAlive(pid) && commandLineOf(pid).includes(configurationOf(folder));
}

function configure(folder: string, { port, password }: InstanceRecord): string {
  return `${[
    'bind 127.0.0.1',
    'protected-mode yes',
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${folder}"`,
    'daemonize no',
    'set-proc-title no',
    // Every write goes to the append-only file at once; the disk is told once a second.
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    // A queue must refuse a write rather than forget a job.
    'maxmemory-policy noeviction',
  ].join('\n')}\n`;
}

function configurationOf(folder: string): string {
  return join(folder, 'redis.conf');
}

function urlOf({ port, password }: InstanceRecord): string {
  return `redis://:${password}@127.0.0.1:${port}`;
}
