// Remembers which process runs the stack of a home, so that a second command uses it instead of starting another.
//
//   nobody ──claim──▶ starting (url null) ──write──▶ running ──remove──▶ nobody
//
// A record whose process is gone, or whose API is silent, counts as nobody.
import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makePassable } from '@reseed/config';
import { isAlive } from '@reseed/config/process-identity';

export interface StackRecord {
  readonly pid: number;
  readonly url: string;
}

const POLL_MILLISECONDS = 200;
/** A first start may fetch and unpack the programs of the services; a claim older than this was left by a dead process. */
const START_LIMIT_MILLISECONDS = 300_000;

const fileOf = (home: string) => join(home, 'stack.json');

interface Claim {
  readonly pid: number;
  /** null while it starts */
  readonly url: string | null;
  readonly ageMilliseconds: number;
}

function readClaim(home: string): Claim | undefined {
  try {
    const { pid, url } = JSON.parse(readFileSync(fileOf(home), 'utf8')) as { pid?: unknown; url?: unknown };
    if (typeof pid !== 'number' || (url !== null && typeof url !== 'string') || !isAlive(pid)) return undefined;
    return { pid, url, ageMilliseconds: Date.now() - statSync(fileOf(home)).mtimeMs };
  } catch {
    return undefined;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** The stack of a home if one is running. */
export async function findStack(home: string): Promise<StackRecord | undefined> {
  const claim = readClaim(home);
  if (claim === undefined || claim.url === null || !(await answers(claim.url))) return undefined;
  return { pid: claim.pid, url: claim.url };
}

/** Whether the process of a claim runs a stack, is on its way to one, or is something else that got its id. */
async function stateOf({ pid, url, ageMilliseconds }: Claim): Promise<'running' | 'starting' | 'stale'> {
  if (pid === process.pid) return 'stale';
  if (url !== null) return (await answers(url)) ? 'running' : 'stale';
  return ageMilliseconds < START_LIMIT_MILLISECONDS ? 'starting' : 'stale';
}

/**
 * Makes this process the one that runs the stack of a home, unless another one does; waits for one that is starting.
 *
 * @returns undefined when it is ours: to be followed by `writeStackRecord`, or `removeStackRecord` when the start fails
 */
export async function claimStack(
  home: string,
  options: { readonly onWait: (pid: number) => void },
): Promise<StackRecord | undefined> {
  for (let told = false; ; ) {
    const claim = readClaim(home);
    const state = claim === undefined ? 'stale' : await stateOf(claim);
    if (claim !== undefined && state === 'running') return { pid: claim.pid, url: claim.url as string };
    if (claim !== undefined && state === 'starting') {
      if (!told) options.onWait(claim.pid);
      told = true;
      await pause(POLL_MILLISECONDS);
    } else {
      rmSync(fileOf(home), { force: true });
      if (tryWrite(home)) return undefined;
    }
  }
}

/** @returns false when another process was faster */
function tryWrite(home: string): boolean {
  if (!existsSync(home)) makePassable(resolve(home));
  const draft = writeDraft(home, { pid: process.pid, url: null });
  try {
    linkSync(draft, fileOf(home));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/** The record comes and changes whole: half of one, read by somebody who waits, would count as nobody's. */
function writeDraft(home: string, record: { readonly pid: number; readonly url: string | null }): string {
  const draft = `${fileOf(home)}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record));
  return draft;
}

export function writeStackRecord(home: string, record: StackRecord): void {
  renameSync(writeDraft(home, record), fileOf(home));
}

/** Removes the record of this process; one that another process has written meanwhile stays. */
export function removeStackRecord(home: string): void {
  const claim = readClaim(home);
  if (claim === undefined || claim.pid === process.pid) rmSync(fileOf(home), { force: true });
}
