// One worker process for each GPU: starts them, replaces those that die, and ends when all have ended.
//
// A worker is starting until it says that it is ready, then it works. One that ends with exit code 0 has ended for good.
// One that ends otherwise is replaced after a pause that doubles with every time in a row; a worker that worked for a while
// starts the row anew. A row without a single ready worker that reaches its limit means that a restart mends nothing: its
// GPU is given up. When the supervisor is asked to stop, it asks every worker to stop and replaces none.
import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from '@reseed/config';
import type { Gpu } from './list-gpus.ts';

export interface SupervisedOptions {
  readonly gpus: readonly Gpu[];
  /** entry of a worker process */
  readonly module: string;
  readonly arguments: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** first pause before a worker is replaced; default 1,000 */
  readonly pauseMs?: number;
  /** a worker that worked this long is well; default 60,000 */
  readonly wellAfterMs?: number;
  /** a worker that is still there this long after it was asked to stop is killed */
  readonly killAfterMs: number;
}

export interface SupervisedWorkers {
  /** Resolves when no worker is left and none will be started: with the GPUs that were given up. */
  readonly ended: Promise<readonly Gpu[]>;
  /** Asks every worker to end; resolves when all are gone. */
  stop(): Promise<void>;
}

const LONGEST_PAUSE_MS = 60_000;
/** starts in a row without a ready worker */
const STARTS = 5;

/** One process per GPU, which is the only one that it sees. TensorFlow takes the GPU's memory as it needs it. */
const environmentOf = (env: NodeJS.ProcessEnv, gpu: Gpu): NodeJS.ProcessEnv => ({
  ...env,
  CUDA_VISIBLE_DEVICES: gpu.id,
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
});

export function superviseWorkers(options: SupervisedOptions): SupervisedWorkers {
  const { pauseMs = 1000, wellAfterMs = 60_000 } = options;
  const children = new Set<ChildProcess>();
  const stopping = new AbortController();
  const givenUp: Gpu[] = [];

  const startOne = (gpu: Gpu) => {
    const child = fork(options.module, options.arguments, {
      env: environmentOf(options.env, gpu),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // A process group of its own: Ctrl-C reaches only this process, which then ends its workers. They leave with it.
      detached: true,
    });
    children.add(child);
    let readyAt: number | undefined;
    child.on('message', (message: { type?: string }) => {
      if (message.type === 'ready') readyAt = performance.now();
    });
    return new Promise<{
      readonly clean: boolean;
      readonly ready: boolean;
      readonly well: boolean;
      readonly how: string;
    }>((resolve) => {
      const end = (clean: boolean, how: string) => {
        children.delete(child);
        const well = readyAt !== undefined && performance.now() - readyAt >= wellAfterMs;
        resolve({ clean, ready: readyAt !== undefined, well, how });
      };
      child.once('error', (error) => end(false, error.message));
      child.once('exit', (code, signal) => end(code === 0, signal ?? `exit code ${code}`));
    });
  };

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      stopping.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });

  const keep = async (gpu: Gpu) => {
    const logger = options.logger.child({ gpu: gpu.id, model: gpu.model });
    let failures = 0;
    let startsInVain = 0;
    while (!stopping.signal.aborted) {
      logger.info({}, 'starting a worker');
      const { clean, ready, well, how } = await startOne(gpu);
      if (clean || stopping.signal.aborted) return;
      failures = well ? 1 : failures + 1;
      startsInVain = ready ? 0 : startsInVain + 1;
      if (startsInVain === STARTS) {
        givenUp.push(gpu);
        logger.error({ how, starts: STARTS }, 'the worker never got ready; its GPU is given up');
        return;
      }
      const waitMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** (failures - 1));
      logger.warn({ how, waitMs }, 'a worker ended by itself; another one takes its place');
      await pause(waitMs);
    }
  };

  const ended = Promise.all(options.gpus.map(keep)).then(() => givenUp);
  return {
    ended,
    async stop() {
      stopping.abort();
      for (const child of children) child.kill('SIGTERM');
      const timer = setTimeout(() => {
        for (const child of children) child.kill('SIGKILL');
      }, options.killAfterMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
