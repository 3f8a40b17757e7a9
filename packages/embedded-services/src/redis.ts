// A private Redis in the state home: its configuration, its start after whatever happened before, and its end.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@reseed/config';
import { Redis } from 'ioredis';
import { LostRecordError } from './errors.ts';
import { freePort } from './free-port.ts';
import { type InstanceRecord, type OwnService, readRecord, writeRecord } from './instance-record.ts';
import { commandLineOf, isAlive } from '@reseed/config/process-identity';
import { findRedis } from './redis-binary.ts';
import { answersStill, endProcess, startServer, untilStarted } from './server-process.ts';

/** How long one question may take, in milliseconds. */
const ASK_LIMIT_MS = 5000;

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
  const { folder, cache, logger } = options;
  const recordFile = join(folder, 'instance.json');
  const logFile = join(folder, 'server.log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return untilStarted(async () => {
    const recorded = readRecord(recordFile);
    const alive = recorded && (await serverOf(folder, recorded));
    if (recorded && alive !== undefined) {
      const server = { service: 'Redis', pid: alive, logFile };
      if (await answersStill(server, () => askRedis(urlOf(recorded)))) {
        return { url: urlOf(recorded), pid: alive, how: 'found' };
      }
    }

    if (!recorded && hasData(folder)) throw new LostRecordError(folder);
    const program = await findRedis({ cache, logger });
    const password = recorded?.password ?? randomBytes(24).toString('hex');
    const record = { port: await freePort(recorded?.port), password, pid: 0 };
    // Written before there is a process: a caller killed at any moment leaves a server that the next one finds.
    writeRecord(recordFile, record);
    writeFileSync(configurationOf(folder), configure(folder, record), { mode: 0o600 });
    const command = {
      service: 'Redis',
      file: program.file,
      args: [configurationOf(folder)],
      cwd: folder,
      env: { ...process.env, ...program.env },
      logFile,
      account: undefined,
    };
    const pid = await startServer(command, {
      ask: async () => {
        await askRedis(urlOf(record));
        return processAt(folder, record);
      },
      onSpawn: (spawned) => writeRecord(recordFile, { ...record, pid: spawned }),
    });
    logger.info({ port: record.port, version: program.version }, 'Started a private Redis');
    return { url: urlOf(record), pid, how: 'started' };
  });
}

/**
 * Ends the server of this folder, with its append-only file on disk.
 *
 * @param options.onlyPid end it only if it is this process
 */
export async function stopRedis(options: { readonly folder: string; readonly onlyPid?: number }): Promise<void> {
  const recorded = readRecord(join(options.folder, 'instance.json'));
  const pid = recorded && (await serverOf(options.folder, recorded));
  if (pid === undefined || (options.onlyPid !== undefined && options.onlyPid !== pid)) return;
  await endProcess(pid, [
    ['SIGTERM', 20_000],
    ['SIGKILL', 5000],
  ]);
}

/** Sends PING to an address. */
export async function askRedis(url: string): Promise<void> {
  await withClient(url, { enableReadyCheck: true }, (client) => client.ping());
}

/** @returns the id of this folder's server at the recorded port, also while it still reads its data */
async function processAt(folder: string, recorded: InstanceRecord): Promise<number> {
  const said = await withClient(urlOf(recorded), { enableReadyCheck: false }, (client) => client.info('server'));
  const valueOf = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(said)?.[1];
  // A server without a password lets everybody in.
  if (valueOf('config_file') !== configurationOf(folder)) throw new Error('another Redis answers');
  return Number(valueOf('process_id'));
}

async function withClient<T>(
  url: string,
  options: { readonly enableReadyCheck: boolean },
  work: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = new Redis(url, {
    ...options,
    lazyConnect: true,
    connectTimeout: ASK_LIMIT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The reason arrives here; connect() itself only says that the connection is closed.
  let reason: unknown;
  client.on('error', (error) => (reason = error));
  const end = new AbortController();
  try {
    // The client's own limit covers the connection, not what comes after it.
    return await Promise.race([client.connect().then(() => work(client)), noAnswer(end.signal)]);
  } catch (error) {
    throw reason ?? error;
  } finally {
    end.abort();
    client.disconnect();
  }
}

async function noAnswer(signal: AbortSignal): Promise<never> {
  await sleep(ASK_LIMIT_MS, undefined, { signal });
  throw new Error(`it accepts connections, but gave no answer within ${ASK_LIMIT_MS / 1000} s`);
}

/**
 * Redis does not notice another server that writes the same files, so a live one must not be overlooked: where its id
 * was not written down any more, it is found at the recorded port.
 *
 * @returns the process of this folder's live server, if any
 */
async function serverOf(folder: string, recorded: InstanceRecord): Promise<number | undefined> {
  if (isServing(recorded.pid, folder)) return recorded.pid;
  return processAt(folder, recorded).catch(() => undefined);
}

function hasData(folder: string): boolean {
  return readdirSync(folder).some((name) => name.startsWith('appendonly'));
}

/** With `set-proc-title no` the command line keeps the path of the configuration, which no other server has. */
function isServing(pid: number, folder: string): boolean {
  return pid > 0 && isAlive(pid) && commandLineOf(pid).endsWith(` ${configurationOf(folder)}`);
}

function configure(folder: string, { port, password }: InstanceRecord): string {
  return `${[
    'bind 127.0.0.1',
    'protected-mode yes',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(folder)}`,
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
