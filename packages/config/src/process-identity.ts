// Tells whether a process id still belongs to the process that once wrote it down.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether a process with this id runs. */
export function isAlive(pid: number): boolean {
  return isTaken(pid) && !isZombie(pid);
}

/** Whether the system will not give this id to a new process: one runs, or it has ended and nobody has collected it. */
export function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The state letter follows the program's name, which may itself contain brackets and spaces. */
function isZombie(pid: number): boolean {
  const stat = readProc(pid, 'stat');
  return stat !== undefined && stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

/** When a process began, as its system writes it; '' when there is none. The pair (id, start) never repeats in practice. */
export function startOf(pid: number): string {
  const stat = readProc(pid, 'stat');
  // Field 22 of /proc/<pid>/stat, counted from behind the name (field 2).
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return ps(pid, 'lstart=');
}

/** The command line of a process, '' when there is none. */
export function commandLineOf(pid: number): string {
  const raw = readProc(pid, 'cmdline');
  return raw === undefined ? ps(pid, 'command=') : raw.replaceAll('\0', ' ').trim();
}

function readProc(pid: number, file: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function ps(pid: number, field: string): string {
  try {
    return execFileSync('ps', ['-o', field, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
