// `reseed worker --device all`: supervises one worker for each GPU of this machine until a signal, or until all have ended.
import { fileURLToPath } from 'node:url';
import { createLogger, onShutdown, readConfig } from '@reseed/config';
import { listGpus } from './list-gpus.ts';
import type { WorkerProcessOptions } from './run-worker.ts';
import { superviseWorkers } from './supervise-workers.ts';

/** Closing and ending the trainer take no longer than this after a worker's drain, with room for a slow machine. */
const CLOSE_SECONDS = 20;

/**
 * @returns the exit code: 1 when a GPU was given up, or no services are named
 * @throws NoGpuError
 */
export async function runWorkerPerGpu(options: Omit<WorkerProcessOptions, 'device' | 'trainer'>): Promise<number> {
  const { drainSeconds, keepLast, checkpointEvery, dataFolder } = options;
  const config = readConfig();
  const logger = createLogger({ name: 'workers', level: config.LOG_LEVEL });
  if (config.DATABASE_URL === undefined || config.REDIS_URL === undefined) {
    logger.fatal('workers need DATABASE_URL and REDIS_URL');
    return 1;
  }
  const gpus = await listGpus();
  logger.info({ gpus: gpus.map(({ id, model }) => `${model} ${id}`) }, 'one worker for each GPU');
  const workers = superviseWorkers({
    gpus,
    module: fileURLToPath(new URL('./main.js', import.meta.url)),
    arguments: [
      ...['--device', 'gpu', '--drain-seconds', String(drainSeconds)],
      ...['--keep-last', String(keepLast), '--checkpoint-every', String(checkpointEvery)],
      ...(dataFolder === undefined ? [] : ['--data-folder', dataFolder]),
    ],
    env: process.env,
    logger,
    killAfterMs: (drainSeconds + CLOSE_SECONDS) * 1000,
  });
  const limitMs = (drainSeconds + CLOSE_SECONDS + 5) * 1000;
  const { cancel } = onShutdown({ logger, limitMs, steps: [{ name: 'workers', close: () => workers.stop() }] });
  const givenUp = await workers.ended;
  cancel();
  return givenUp.length > 0 ? 1 : 0;
}
