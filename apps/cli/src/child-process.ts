// Starts one of our own processes with its log in a file, waits until it says it is ready, and ends it again.
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Beyond the longest drain of a worker, so that a stuck child cannot keep the command alive. */
const KILL_AFTER_MILLISECONDS = 40_000;

export class ChildStartError extends Error {
  override readonly name = 'ChildStartError';
  constructor(
    readonly child: string,
    readonly logFile: string,
    reason: string,
  ) {
    super(`${child} did not start: ${reason}. The end of its log (${logFile}):\n${logTail(logFile)}`);
  }
}

export interface ChildCommand {
  /** for messages: `api`, `worker 1` */
  readonly name: string;
  readonly module: string;
  readonly arguments: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
}

export interface OwnProcess {
  readonly process: ChildProcess;
  /** what it said when it was ready */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Asks it to end and waits until it is gone; kills it when it does not. */
  stop(): Promise<void>;
}

function logTail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
}

/** @throws ChildStartError with the end of its log */
export async function startChild(command: ChildCommand): Promise<OwnProcess> {
  mkdirSync(dirname(command.logFile), { recursive: true });
  const log = openSync(command.logFile, 'a');
  // A process group of its own: Ctrl-C reaches only this command, which then ends its children in order. The IPC channel
  // closes with this process, however it ends, and the children leave with it.
  const child = fork(command.module, command.arguments, {
    env: command.env,
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const fail = (reason: string) => reject(new ChildStartError(command.name, command.logFile, reason));
    child.on('message', (message: { type?: string }) => {
      if (message.type === 'ready') resolve(message);
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) =>
      fail(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
    );
  });
  return {
    process: child,
    ready,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MILLISECONDS);
      await gone;
      clearTimeout(timer);
    },
  };
}
