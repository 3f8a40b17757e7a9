// A private Postgres in the state home: found alive, or started after whatever happened before, and ended.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@reseed/config';
import { askPostgres, makeDatabase } from './ask-postgres.ts';
import { ServiceFolderError } from './errors.ts';
import { freePort } from './free-port.ts';
import { type InstanceRecord, type OwnService, readRecord, writeRecord } from './instance-record.ts';
import { makeCluster, postgresEnvironment } from './make-cluster.ts';
import { findPostgres } from './postgres-binary.ts';
import { commandLineOf, isAlive } from './process-identity.ts';
import { endProcess, START_LIMIT_MS, startOnFreePort, startServer } from './server-process.ts';
import { unprivilegedAccount } from './unprivileged-account.ts';
import { untilAnswers } from './until-answers.ts';

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
  const { folder, logger } = options;
  const recordFile = join(folder, 'instance.json');
  const data = join(folder, 'data');
  const recorded = readRecord(recordFile);
  const alive = postmasterOf(data);
  if (recorded && alive !== undefined) {
    await untilAnswers(() => askPostgres(urlOf(recorded, database)), { limitMs: START_LIMIT_MS });
    return { url: urlOf(recorded, database), pid: alive, how: 'found' };
  }

  const account = unprivilegedAccount();
  const major = existsSync(data) ? Number(readFileSync(join(data, 'PG_VERSION'), 'utf8')) : undefined;
  if (major !== undefined && !recorded) {
    throw new ServiceFolderError(
      folder,
      'instance.json, which holds the password, is missing. Remove the folder to start empty.',
    );
  }
  const { bin, major: version } = findPostgres({ cache: options.cache, account, major });
  const password = recorded?.password ?? randomBytes(24).toString('base64url');
  if (major === undefined) {
    writeRecord(recordFile, { port: recorded?.port ?? (await freePort()), password, pid: 0 });
    await makeCluster({ data, bin, user, password, account });
  }
  removeForeignPidFile(data);
  const started = await startOnFreePort(recorded?.port, async (port) => {
    const command = {
      service: 'Postgres',
      file: join(bin, 'postgres'),
      args: [
        '-D',
        data,
        ...Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      cwd: data,
      env: postgresEnvironment(),
      logFile: join(folder, 'server.log'),
      account,
    };
    const record = { port, password, pid: 0 };
    const pid = await startServer(command, {
      ask: () => askPostgres(urlOf(record, 'postgres')),
      onSpawn: (spawned) => writeRecord(recordFile, { ...record, pid: spawned }),
    });
    return { ...record, pid };
  });
  await makeDatabase(urlOf(started, 'postgres'), database);
  logger.info({ port: started.port, version }, 'Started a private Postgres');
  return { url: urlOf(started, database), pid: started.pid, how: 'started' };
}

/**
 * Ends the server of this folder: clients are cut off, everything committed is on disk.
 *
 * @param options.onlyPid end it only if it is this process
 */
export async function stopPostgres(options: { readonly folder: string; readonly onlyPid?: number }): Promise<void> {
  const pid = postmasterOf(join(options.folder, 'data'));
  if (pid === undefined || (options.onlyPid !== undefined && options.onlyPid !== pid)) return;
  // Fast shutdown, then an immediate one (the next start recovers), then the hard way.
  await endProcess(pid, [
    ['SIGINT', 20_000],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ]);
}

/** @returns the live server of this data folder, if any; a process that has merely inherited its id does not count */
function postmasterOf(data: string): number | undefined {
  const pid = pidIn(data);
  return pid !== undefined && isAlive(pid) && commandLineOf(pid).includes(data) ? pid : undefined;
}

function pidIn(data: string): number | undefined {
  const file = join(data, 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
}

/**
 * Takes away the pid file of a killed server when its id belongs to another program by now, which Postgres could not
 * tell from a server at work. When the id is free the file stays: Postgres then makes sure that no orphan still writes.
 */
function removeForeignPidFile(data: string): void {
  const pid = pidIn(data);
  if (pid !== undefined && isAlive(pid)) rmSync(join(data, 'postmaster.pid'));
}

function urlOf({ port, password }: InstanceRecord, name: string): string {
  return `postgresql://${user}:${password}@127.0.0.1:${port}/${name}`;
}
