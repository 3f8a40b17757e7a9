// Starts a server as a process of its own, waits until it answers, and ends it again.
import { spawn } from 'node:child_process';
import { chownSync, closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceStartError } from './errors.ts';
import { isAlive } from '@reseed/config/process-identity';
import type { Account } from './unprivileged-account.ts';
import { untilAnswers } from './until-answers.ts';

/** Reading back a log of writes after a crash: five minutes of writes at most for Postgres, a second per million jobs for Redis. */
export const START_LIMIT_MS = 60_000;
/** Processes of a killed Postgres notice within a second that it is gone; until then the next one refuses to start. */
const RETRY_LIMIT_MS = 10_000;
const RETRY_PAUSE_MS = 200;
const worthARetry =
  /lock file "postmaster.pid" already exists|pre-existing shared memory block|could not bind|could not create server TCP|address already in use/i;

export interface ServerCommand {
  /** For messages: "Postgres" or "Redis". */
  readonly service: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Whose process it becomes; undefined: the caller's. */
  readonly account: Account | undefined;
}

/**
 * Tries a start again when a port was taken a moment earlier, or when another server still holds the folder: the rest of
 * a killed one, or one whose starter was killed before it wrote the server down.
 *
 * @param attempt looks for a live server first, then starts one
 */
export async function untilStarted<T>(attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + RETRY_LIMIT_MS;
  while (true) {
    try {
      return await attempt();
    } catch (error) {
      if (!worthARetry.test(String(error)) || performance.now() > end) throw error;
      await sleep(RETRY_PAUSE_MS);
    }
  }
}

/**
 * Starts a server that outlives this process. It gets a process group of its own, so that Ctrl-C reaches only the
 * caller, which then stops it in its own order.
 *
 * @param options.ask the id of the process that is ready at the server's address; throws while there is none
 * @param options.onSpawn told the process id before the first question
 * @returns the process id
 * @throws ServiceStartError with the end of its log
 */
export async function startServer(
  command: ServerCommand,
  options: { readonly ask: () => Promise<number>; readonly onSpawn: (pid: number) => void },
): Promise<number> {
  const log = openSync(command.logFile, 'a', 0o600);
  const logStart = fstatSync(log).size;
  if (command.account) chownSync(command.logFile, command.account.uid, command.account.gid);
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ['ignore', log, log],
    ...command.account,
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  if (child.pid !== undefined) options.onSpawn(child.pid);

  const mayContinue = () => {
    if (ended !== undefined) throw new Error(ended);
  };
  const ask = async () => {
    const pid = await options.ask();
    if (pid !== child.pid) throw new Error(`process ${pid} answers in its place`);
  };
  try {
    await untilAnswers(ask, { limitMs: START_LIMIT_MS, mayContinue });
    mayContinue();
  } catch (error) {
    child.kill('SIGKILL');
    const reason = ended ?? `no answer within ${START_LIMIT_MS / 1000} s (${String(error)})`;
    const lines = readFileSync(command.logFile).subarray(logStart).toString('utf8').trimEnd().split('\n').slice(-12);
    throw new ServiceStartError(command.service, reason, command.logFile, lines.join('\n'));
  }
  child.removeAllListeners();
  return child.pid ?? 0;
}

/**
 * Waits until a server that is there already answers.
 *
 * @param pid its process
 * @returns false when it ended instead: somebody had told it to, a moment ago
 * @throws ServiceStartError
 */
export async function answersStill(
  server: { readonly service: string; readonly pid: number; readonly logFile: string },
  ask: () => Promise<void>,
): Promise<boolean> {
  const { service, pid, logFile } = server;
  const mayContinue = () => {
    if (!isAlive(pid)) throw new Error('it ended');
  };
  try {
    await untilAnswers(ask, { limitMs: START_LIMIT_MS, mayContinue });
    return true;
  } catch (error) {
    if (!isAlive(pid)) return false;
    const reason = `its process ${pid} does not answer within ${START_LIMIT_MS / 1000} s (${String(error)}); end it first`;
    throw new ServiceStartError(service, reason, logFile, '');
  }
}

/**
 * Asks a process to end and waits until it is gone.
 *
 * @param signals one after the other, each with its time in milliseconds
 */
export async function endProcess(pid: number, signals: readonly (readonly [NodeJS.Signals, number])[]): Promise<void> {
  for (const [signal, limitMs] of signals) {
    const end = performance.now() + limitMs;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw error;
    }
    while (performance.now() < end) {
      if (!isAlive(pid)) return;
      await sleep(20);
    }
  }
}
