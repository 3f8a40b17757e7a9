// A worker: owns one device through its trainer child, takes runs from the queue of its device class, renews its lease, stops cleanly.
import { hostname } from 'node:os';
import type { Artifacts } from '@reseed/artifacts';
import { type Database, registerWorker, renewLease, stopWorker } from '@reseed/database';
import { consumeRuns } from '@reseed/queue';
import type { Logger } from '@reseed/config';
import { v7 as uuidv7 } from 'uuid';
import { cleanArtifacts } from './clean-artifacts.ts';
import { codeVersion } from './code-version.ts';
import { LEASE_LOST, processRun } from './process-run.ts';
import type { AttemptId } from './trainer-protocol.ts';
import { TrainerProcess, TrainerUnavailableError } from './trainer-process.ts';

/** A run whose worker has not renewed for this long is given to another one. Renewed three times as often. */
const LEASE_SECONDS = 10;
const HEARTBEAT_MILLISECONDS = 3000;

export interface WorkerOptions {
  readonly database: Database;
  readonly redisUrl: string;
  readonly artifacts: Artifacts;
  readonly logger: Logger;
  /** path of the trainer module; the benchmarks hand in others that speak the same protocol */
  readonly trainerModule: string;
  readonly trainerArguments: readonly string[];
}

export interface RunningWorker {
  readonly workerId: string;
  /** Resolves when the trainer died and cannot be started again: this worker takes no more runs and should be stopped. */
  readonly useless: Promise<TrainerUnavailableError>;
  /**
   * Takes no further run, waits up to drainSeconds for the current one, hands it back otherwise, and ends the trainer.
   * @throws TrainerUnavailableError, when all is closed, if that is why the worker ends
   */
  stop(options: { readonly drainSeconds: number }): Promise<void>;
}

/** @throws TrainerUnavailableError when the device cannot be opened */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { database, artifacts } = options;
  const workerId = uuidv7();
  const logger = options.logger.child({ workerId });
  const trainer = new TrainerProcess({ modulePath: options.trainerModule, arguments: options.trainerArguments });
  const backend = await trainer.start();
  try {
    await registerWorker(database, {
      id: workerId,
      host: hostname(),
      pid: process.pid,
      backend,
      codeVersion: codeVersion(),
    });
  } catch (error) {
    await trainer.stop();
    throw error;
  }
  logger.info({ backendClass: backend.backendClass, device: backend.device }, 'ready');

  // What crashes have left behind keeps nobody waiting.
  const cleaning = cleanArtifacts({ artifacts, database }).catch((error: unknown) =>
    logger.warn({ err: error }, 'old artifacts could not be cleaned up'),
  );

  let held: AttemptId | undefined;
  let controller: AbortController | undefined;
  let stopping = false;
  let uselessBecause: TrainerUnavailableError | undefined;
  let becomeUseless: (error: TrainerUnavailableError) => void = () => {};
  const useless = new Promise<TrainerUnavailableError>((resolve) => (becomeUseless = resolve));
  const beat = async () => {
    const renewed = held;
    try {
      const answer = await renewLease(database, { workerId, leaseSeconds: LEASE_SECONDS, ...renewed });
      // The answer may be about an attempt that ended while the statement was under way.
      if (answer === 'stale' && renewed !== undefined && held === renewed) controller?.abort(LEASE_LOST);
    } catch (error) {
      logger.warn({ err: error }, 'heartbeat failed');
    }
  };
  const heartbeat = setInterval(() => void beat(), HEARTBEAT_MILLISECONDS);

  const consumer = consumeRuns({
    redisUrl: options.redisUrl,
    deviceClass: backend.deviceClass,
    logger,
    handle: async (run) => {
      if (stopping) return 'notNow';
      controller = new AbortController();
      const holding = { set: (id: AttemptId | undefined) => void (held = id) };
      const context = { database, trainer, artifacts, workerId, leaseSeconds: LEASE_SECONDS, logger };
      try {
        const ending = await processRun(context, run, holding, controller);
        logger.debug({ ...run, ending }, 'run left');
      } catch (error) {
        if (!(error instanceof TrainerUnavailableError)) throw error;
        stopping = true;
        uselessBecause = error;
        becomeUseless(error);
      }
      return 'done';
    },
  });
  await consumer.ready;

  return {
    workerId,
    useless,
    async stop({ drainSeconds }) {
      stopping = true;
      const timer = setTimeout(() => controller?.abort(), drainSeconds * 1000);
      try {
        await consumer.close();
        await cleaning;
      } finally {
        clearTimeout(timer);
        clearInterval(heartbeat);
        await trainer.stop();
        await stopWorker(database, workerId);
      }
      if (uselessBecause !== undefined) throw uselessBecause;
    },
  };
}
