// What is written down about a service of this state home, so that the next process finds it again.
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ServiceFolderError } from './errors.ts';

export interface InstanceRecord {
  /** TCP port on loopback: where it listens, or listened last. */
  readonly port: number;
  readonly password: string;
  /** Process id of the server when it was last started; 0 before that. */
  readonly pid: number;
}

/** A server of a state home that answers. */
export interface OwnService {
  readonly url: string;
  readonly pid: number;
  readonly how: 'started' | 'found';
}

/** Where a state home keeps its services. */
export interface ServiceFolders {
  readonly lock: string;
  readonly postgres: string;
  readonly redis: string;
}

/** The folders of a state home, made where missing and passable for the account that Postgres runs as. */
export function serviceFolders(home: string): ServiceFolders {
  const services = resolve(home, 'services');
  const firstMade = mkdirSync(services, { recursive: true }) ?? services;
  const last = Math.min(firstMade.length, dirname(services).length);
  for (let folder = services; folder.length >= last; folder = dirname(folder)) {
    // Passing through is not reading: passwords stay in files that only their owner may open.
    const { mode } = statSync(folder);
    if ((mode & 0o011) !== 0o011) chmodSync(folder, (mode & 0o7777) | 0o011);
  }
  // A server is known again by the path in its command line, which must not depend on links on the caller's way.
  const real = realpathSync(services);
  return { lock: join(real, 'lock'), postgres: join(real, 'postgres'), redis: join(real, 'redis') };
}

/** @param file path of the record; its folder is made where missing */
export function writeRecord(file: string, record: InstanceRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

/**
 * @returns undefined when nothing usable is recorded
 * @throws ServiceFolderError when the record belongs to another account
 */
export function readRecord(file: string): InstanceRecord | undefined {
  try {
    const { port, password, pid } = JSON.parse(readFileSync(file, 'utf8')) as Partial<InstanceRecord>;
    if (typeof port === 'number' && typeof password === 'string' && typeof pid === 'number')
      return { port, password, pid };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') {
      throw new ServiceFolderError(
        dirname(file),
        'it belongs to another account. Run as that account, or set RESEED_HOME to a folder of your own.',
      );
    }
    if (code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  return undefined;
}
