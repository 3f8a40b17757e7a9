// Marks the unfinished files of one process, so that others can tell those of a dead writer from those of a live one.
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const read = (get: () => string): string => {
  try {
    return get();
  } catch {
    return '';
  }
};

/**
 * Where a process id means something: this boot of this host, in this namespace of process ids (two containers of a host
 * may both have a process 1). Outside Linux, the host.
 */
const place = createHash('sha256')
  .update(
    JSON.stringify([
      hostname(),
      read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
      read(() => readlinkSync('/proc/self/ns/pid')),
    ]),
  )
  .digest('hex')
  .slice(0, 8);

/** In clock ticks since boot: ids of processes are given out again, this tells the old one from the new. 0 outside Linux. */
function birthOf(pid: number): string {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name in parentheses may hold spaces and parentheses itself; the 20th field after it is the start time.
  return stat.replace(/^.*\) /s, '').split(' ')[19] ?? '0';
}

const own = `${place}-${process.pid}-${birthOf(process.pid)}`;
let count = 0;

/** A name for an unfinished file that no other process and no other call has. */
export const nextMark = (): string => `${own}-${count++}`;

/** A writer elsewhere cannot be looked at; a write takes seconds, so one that is a day old has none any more. */
const ELSEWHERE_MILLISECONDS = 24 * 3600 * 1000;

/** @param ageMilliseconds since the unfinished file was last written to */
export function writerIsDead(mark: string, ageMilliseconds: number): boolean {
  const [where, pid, birth] = mark.split('-');
  if (where !== place) return ageMilliseconds > ELSEWHERE_MILLISECONDS;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: it lives, under another account.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  return birthOf(Number(pid)) !== birth;
}
