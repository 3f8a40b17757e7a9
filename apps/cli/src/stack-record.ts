// Remembers which process runs the stack of a home, so that a second command uses it instead of starting another.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StackRecord {
  readonly pid: number;
  readonly url: string;
}

const fileOf = (home: string) => join(home, 'stack.json');

export function writeStackRecord(home: string, record: StackRecord): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(fileOf(home), JSON.stringify(record));
}

export function removeStackRecord(home: string): void {
  rmSync(fileOf(home), { force: true });
}

/** The recorded stack if its process lives and its API answers. */
export async function findStack(home: string): Promise<StackRecord | undefined> {
  try {
    const record = JSON.parse(readFileSync(fileOf(home), 'utf8')) as StackRecord;
    process.kill(record.pid, 0);
    const answer = await fetch(`${record.url}/healthz`, { signal: AbortSignal.timeout(2000) });
    return answer.ok ? record : undefined;
  } catch {
    // No record, a dead process or a silent API: there is no stack to use.
    return undefined;
  }
}
