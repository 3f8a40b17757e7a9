// Worker processes as `reseed up` starts them, but with trainers that do not train; none outlives the test that started it.
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';

const root = join(import.meta.dirname, '../..');
const idleTrainer = join(root, 'test/bench/idle-trainer.mjs');
export const reportingTrainer = join(root, 'test/services/reporting-trainer.mjs');

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly workerId: string;
  readonly ended: Promise<Ending>;
  /** The process in which it trains. */
  trainerPid(): number;
  kill(signal: NodeJS.Signals): void;
  /** What it sees when the process that started it is gone. */
  disconnect(): void;
  /** Everything it has logged. */
  said(): string;
}

export interface WorkerProcesses {
  /**
   * @param options.milliseconds how long the idle trainer takes for a run; or another trainer
   * @param options.drainSeconds default 20
   * @param options.artifacts its folder; else one that is gone after the tests
   */
  start(options: {
    readonly milliseconds?: number;
    readonly trainer?: { readonly module: string; readonly argument: string };
    readonly drainSeconds?: number;
    readonly artifacts?: string;
  }): Promise<WorkerProcess>;
}

export function workerProcesses(services: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}): WorkerProcesses {
  const children: ChildProcess[] = [];
  const trainers = new Set<number>();
  afterEach(async () => {
    await Promise.all(children.splice(0).map(killAndWait));
    // They leave with their worker, but one that does not must not stay behind.
    for (const pid of trainers) if (isTrainer(pid)) process.kill(pid, 'SIGKILL');
    trainers.clear();
  });
  const folder = mkdtempSync(join(tmpdir(), 'reseed-workers-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const env = {
    ...process.env,
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    LOG_LEVEL: 'debug',
  };
  return {
    async start({ milliseconds = 0, trainer, drainSeconds = 20, artifacts = folder }) {
      const { module, argument } = trainer ?? { module: idleTrainer, argument: String(milliseconds) };
      const flags = ['--trainer', module, `--trainer-argument=${argument}`, '--drain-seconds', String(drainSeconds)];
      const child = fork(join(root, 'apps/worker/dist/main.js'), flags, {
        env: { ...env, RESEED_ARTIFACTS: artifacts },
        execArgv: [],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      children.push(child);
      let said = '';
      child.stdout?.on('data', (part: Buffer) => (said += String(part)));
      child.stderr?.on('data', (part: Buffer) => (said += String(part)));
      const ended = once(child, 'exit').then(([code, signal]): Ending => ({ code, signal }) as Ending);
      const ready = once(child, 'message') as Promise<[{ workerId: string }]>;
      const first = await Promise.race([ready, ended]);
      if (!Array.isArray(first)) throw new Error(`The worker ended before it was ready: ${said}`);
      const pid = child.pid as number;
      for (const own of childrenOf(pid)) trainers.add(own);
      return {
        pid,
        workerId: first[0].workerId,
        ended,
        trainerPid: () => {
          const [own] = childrenOf(pid);
          trainers.add(own);
          return own;
        },
        kill: (signal) => void child.kill(signal),
        disconnect: () => child.disconnect(),
        said: () => said,
      };
    },
  };
}

async function killAndWait(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** An id may have been given to somebody else meanwhile. */
const isTrainer = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('trainer');
  } catch {
    return false;
  }
};

/** Ids of the live processes that a process has started. */
export function childrenOf(parent: number): number[] {
  const pairs =
    process.platform === 'linux'
      ? readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .map((name) => [Number(name), parentOf(name)] as const)
      : execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' })
          .trim()
          .split('\n')
          .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  return pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid);
}

/** 0 for a process that ended meanwhile or that is only waiting to be collected. */
function parentOf(pid: string): number {
  try {
    // The name in parentheses may hold spaces and parentheses itself.
    const [state, ppid] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? 0 : Number(ppid);
  } catch {
    return 0;
  }
}
