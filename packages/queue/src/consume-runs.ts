// The consumer's side: one worker takes one run at a time from the queue of its device class.
//
// What BullMQ promises is "at least once": a job whose lock runs out is handed to another worker. That is wanted (the
// worker may be dead) and harmless (the claim in Postgres lets one of them in), so stalls are found fast and never counted.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@reseed/config';
import type { DeviceClass } from '@reseed/experiment';
import { type Job, WaitingError, Worker } from 'bullmq';
import { connectRedis } from './redis-connection.ts';
import { parseJobId, queueName, type RunJob, type RunJobData } from './run-job.ts';

/** Renewed at half of it; the trainer is another process, so this loop is never busy for long. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 4000;
/** A job fails when it stalled more often; whether a run has failed is not for the queue to say. */
const STALLS_ALLOWED = 1_000_000;
/** How long a closing consumer waits for Redis to take its last words. */
const FAREWELL_MS = 2000;

/** 'done': the job has served its purpose. 'notNow': it goes back to its place in the queue. */
export type Handled = 'done' | 'notNow';

export interface RunConsumer {
  /** Settles when the first connection is made. */
  readonly ready: Promise<void>;
  /**
   * Takes no further run and waits for the one in hand, not for a Redis that is away: the job is then found stalled
   * later, and whoever is given it finds the run claimed.
   */
  close(): Promise<void>;
}

export function consumeRuns(options: {
  readonly redisUrl: string;
  readonly deviceClass: DeviceClass;
  readonly logger: Logger;
  readonly handle: (run: Pick<RunJob, 'runId' | 'attempt'>) => Promise<Handled>;
}): RunConsumer {
  const { logger, handle } = options;
  const redis = connectRedis({ url: options.redisUrl, logger, patience: 'patient' });
  let inHand: Promise<unknown> | undefined;
  const process = async (job: Job<RunJobData>, token?: string): Promise<void> => {
    const handled = handle(parseJobId(job.id ?? ''));
    inHand = handled;
    try {
      if ((await handled) === 'done') return;
    } finally {
      inHand = undefined;
    }
    await job.moveToWait(token);
    throw new WaitingError();
  };
  const worker = new Worker<RunJobData, void>(queueName(options.deviceClass), process, {
    connection: redis,
    concurrency: 1,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: STALLS_ALLOWED,
    drainDelay: 2,
  });
  worker.on('error', (error) => logger.debug({ err: error }, 'the queue reports'));
  worker.on('failed', (job, error) =>
    logger.warn({ err: error, jobId: job?.id }, 'a job failed; its run is queued again'),
  );
  return {
    ready: worker.waitUntilReady().then(() => {}),
    async close() {
      // A plain close waits for Redis as long as it takes. A pause does so too, but need not be waited for.
      const drained = new AbortController();
      void worker.pause().then(
        () => drained.abort(),
        () => {},
      );
      do await Promise.allSettled([inHand, pause(FAREWELL_MS, undefined, { signal: drained.signal })]);
      while (inHand !== undefined);
      await worker.close(true);
      redis.disconnect();
    },
  };
}
