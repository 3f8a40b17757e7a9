// A lock between processes: a directory that appears whole, with its owner's name inside, or not at all.
//
// Taking it renames a private directory onto the lock's path, which fails while a lock with content stands there. A lock
// whose owner is gone is removed under a second, short-lived lock, inside which the owner is looked at once more:
// otherwise the slower of two removers would take away the lock that the faster one has just got.
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, startOf } from './process-identity.ts';

const POLL_MS = 40;
/** The second lock is held for microseconds; one this old, in milliseconds, was left by a killed process. */
const REMOVAL_LIMIT_MS = 5000;

/** Another live process held the lock for the whole waiting time. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
  readonly folder: string;
  readonly ownerPid: number;
  readonly waitedMs: number;

  constructor(folder: string, ownerPid: number, waitedMs: number) {
    super(
      `${folder} is held by process ${ownerPid}, still after ${waitedMs / 1000} s. Wait for that process or end it.`,
    );
    this.folder = folder;
    this.ownerPid = ownerPid;
    this.waitedMs = waitedMs;
  }
}

/**
 * Runs `work` while no other process runs one under the same path.
 *
 * @param folder the lock's path; its parent must exist
 * @param options.waitMs longest wait for the lock, in milliseconds
 * @throws LockTimeoutError
 */
export async function withFolderLock<T>(
  folder: string,
  options: { readonly waitMs: number },
  work: () => Promise<T>,
): Promise<T> {
  const end = performance.now() + options.waitMs;
  while (!(await tryTake(folder))) {
    const owner = await readOwner(folder);
    if (owner !== undefined && !owner.present) await removeStale(folder);
    else if (performance.now() > end) throw new LockTimeoutError(folder, owner?.pid ?? 0, options.waitMs);
    else await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await moveAway(folder);
  }
}

async function tryTake(folder: string): Promise<boolean> {
  const mine = `${folder}.${uniqueName()}`;
  await mkdir(mine);
  await writeFile(join(mine, 'owner'), `${process.pid} ${startOf(process.pid)}`);
  try {
    await rename(mine, folder);
    return true;
  } catch (error) {
    await rm(mine, { recursive: true, force: true });
    // EPERM: Windows, where a directory never replaces another.
    if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** @returns undefined when the lock was given back meanwhile */
async function readOwner(folder: string): Promise<{ readonly pid: number; readonly present: boolean } | undefined> {
  try {
    const [id = '', ...start] = (await readFile(join(folder, 'owner'), 'utf8')).split(' ');
    // A crash of the machine may leave the file empty: 0 is nobody's id.
    const pid = Number.parseInt(id, 10) || 0;
    return { pid, present: pid > 0 && isAlive(pid) && startOf(pid) === start.join(' ') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function removeStale(folder: string): Promise<void> {
  const removal = `${folder}.removal`;
  try {
    await mkdir(removal);
  } catch {
    const made = await stat(removal).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > REMOVAL_LIMIT_MS)
      await rm(removal, { recursive: true, force: true });
    else await sleep(POLL_MS);
    return;
  }
  try {
    const owner = await readOwner(folder);
    if (owner !== undefined && !owner.present) await moveAway(folder);
  } finally {
    await rm(removal, { recursive: true, force: true });
  }
}

/** In one step, so that nobody sees a lock without an owner. */
async function moveAway(folder: string): Promise<void> {
  const gone = `${folder}.${uniqueName()}`;
  await rename(folder, gone);
  await rm(gone, { recursive: true, force: true });
}

/** Of this machine: no process has the same id at the same nanosecond. */
const uniqueName = (): string => `${process.pid}-${process.hrtime.bigint()}`;
