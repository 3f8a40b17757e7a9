// A private Postgres in the state home: found alive, or started after whatever happened before, and ended.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@reseed/config';
import { askPostgres, makeDatabase } from './ask-postgres.ts';
import { LostRecordError, ServiceFolderError } from './errors.ts';
import { freePort } from './free-port.ts';
import { type InstanceRecord, type OwnService, readRecord, writeRecord } from './instance-record.ts';
import { makeCluster, postgresEnvironment } from './make-cluster.ts';
import { findPostgres } from './postgres-binary.ts';
import { commandLineOf, isAlive, isTaken } from '@reseed/config/process-identity';
import { answersStill, endProcess, startServer, untilStarted } from './server-process.ts';
import { unprivilegedAccount } from './unprivileged-account.ts';

const user = 'reseed';
const database = 'reseed';

/** fsync and synchronous_commit stay on, as Postgres has them: what was committed survives a crash of the machine. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 100,
  // Prisma's adapter takes the time of a timestamptz as UTC, whatever zone it is written in.
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Finds this folder's server alive or starts it. The caller holds the lock of the state home.
 *
 * @param options.folder the service's own folder in the state home
 * @param options.cache where a copy of the programs may be put
 * @throws PostgresUnavailableError, ServiceStartError, ServiceFolderError
 */
export async function providePostgres(options: {
  readonly folder: string;
  readonly cache: string;
  readonly logger: Logger;
}): Promise<OwnService> {
  const { folder, cache, logger } = options;
  const recordFile = join(folder, 'instance.json');
  const logFile = join(folder, 'server.log');
  const data = join(folder, 'data');
  return untilStarted(async () => {
    const recorded = readRecord(recordFile);
    const alive = recorded && postmasterOf(data, recorded);
    if (recorded && alive !== undefined) {
      const server = { service: 'Postgres', pid: alive, logFile };
      if (await answersStill(server, () => askPostgres(urlOf(recorded, 'postgres')))) {
        // Its starter may have been killed before it came to this.
        await makeDatabase(urlOf(recorded, 'postgres'), database);
        return { url: urlOf(recorded, database), pid: alive, how: 'found' };
      }
    }

    const account = unprivilegedAccount();
    const major = majorOf(data);
    if (major !== undefined && !recorded) throw new LostRecordError(folder);
    const { bin, major: version } = findPostgres({ cache, account, major });
    const password = recorded?.password ?? randomBytes(24).toString('base64url');
    const record = { port: await freePort(recorded?.port), password, pid: 0 };
    writeRecord(recordFile, record);
    if (major === undefined) await makeCluster({ data, bin, user, password, account });
    removeForeignPidFile(data);
    const command = {
      service: 'Postgres',
      file: join(bin, 'postgres'),
      args: argumentsFor(data, record.port),
      cwd: data,
      env: postgresEnvironment(),
      logFile,
      account,
    };
    const pid = await startServer(command, {
      ask: async () => {
        await askPostgres(urlOf(record, 'postgres'));
        return pidIn(data) ?? 0;
      },
      onSpawn: (spawned) => writeRecord(recordFile, { ...record, pid: spawned }),
    });
    await makeDatabase(urlOf(record, 'postgres'), database);
    logger.info({ port: record.port, version }, 'Started a private Postgres');
    return { url: urlOf(record, database), pid, how: 'started' };
  });
}

function argumentsFor(data: string, port: number): string[] {
  const all = Object.entries({ ...settings, port });
  return ['-D', data, ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/**
 * Ends the server of this folder: clients are cut off, everything committed is on disk.
 *
 * @param options.onlyPid end it only if it is this process
 */
export async function stopPostgres(options: { readonly folder: string; readonly onlyPid?: number }): Promise<void> {
  const pid = postmasterOf(join(options.folder, 'data'), readRecord(join(options.folder, 'instance.json')));
  if (pid === undefined || (options.onlyPid !== undefined && options.onlyPid !== pid)) return;
  // Fast shutdown, then an immediate one (the next start recovers), then the hard way.
  await endProcess(pid, [
    ['SIGINT', 20_000],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ]);
}

/**
 * The record knows a server that was spawned a moment ago and has not written its pid file yet.
 *
 * @returns the live server of this data folder, if any; a process that has merely inherited its id does not count
 */
function postmasterOf(data: string, recorded: InstanceRecord | undefined): number | undefined {
  return [pidIn(data) ?? 0, recorded?.pid ?? 0].find((pid) => isServing(pid, data));
}

function isServing(pid: number, data: string): boolean {
  return pid > 0 && isAlive(pid) && commandLineOf(pid).includes(` -D ${data} `);
}

/** @returns 0 for a file without an id in it; undefined when there is no file */
function pidIn(data: string): number | undefined {
  const file = join(data, 'postmaster.pid');
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) || 0 : undefined;
}

/**
 * Takes away the pid file of a killed server when Postgres would take it for that of a server at work: its id belongs to
 * another program by now, or nobody has collected the ended process; or when the file is empty, which Postgres refuses.
 * That no orphan still writes, Postgres makes sure without the file, by the shared memory of the folder.
 */
function removeForeignPidFile(data: string): void {
  const pid = pidIn(data);
  if (pid !== undefined && (pid === 0 || (isTaken(pid) && !isServing(pid, data)))) rmSync(join(data, 'postmaster.pid'));
}

/** @returns the major version that made this data folder; undefined when there is none */
function majorOf(data: string): number | undefined {
  if (!existsSync(data)) return undefined;
  const file = join(data, 'PG_VERSION');
  if (existsSync(file)) return Number(readFileSync(file, 'utf8'));
  throw new ServiceFolderError(
    data,
    'it has no file PG_VERSION, so it is not whole. Restore it from a backup or remove it.',
  );
}

function urlOf({ port, password }: InstanceRecord, name: string): string {
  return `postgresql://${user}:${password}@127.0.0.1:${port}/${name}`;
}
