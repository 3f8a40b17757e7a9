// What is written down about a service of this state home, so that the next process finds it again.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

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

/** @param file path of the record; its folder is made where missing */
export function writeRecord(file: string, record: InstanceRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

/** @returns undefined when nothing usable is recorded */
export function readRecord(file: string): InstanceRecord | undefined {
  try {
    const { port, password, pid } = JSON.parse(readFileSync(file, 'utf8')) as Partial<InstanceRecord>;
    if (typeof port === 'number' && typeof password === 'string' && typeof pid === 'number')
      return { port, password, pid };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  return undefined;
}
