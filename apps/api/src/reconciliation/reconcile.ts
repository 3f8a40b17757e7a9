// One pass of holding the queue against Postgres: what must be queued is queued, whatever was lost on the way.
import { expireLeases, markEnqueued, pageQueued, takeUnqueued, type Database } from '@reseed/database';
import type { Logger } from '@reseed/config';
import type { Queues } from '@reseed/queue';

const OUTBOX_CHUNK = 2000;
const CHECK_CHUNK = 20_000;
/** A run this recently queued may be between two states of the queue. */
const SETTLING_SECONDS = 3;

export interface ReconcileContext {
  readonly database: Database;
  readonly queues: Queues;
  readonly logger: Logger;
}

/** Runs of workers that stopped renewing become queued again. */
export async function returnLostRuns({ database, logger }: ReconcileContext): Promise<void> {
  for (const { runId, experimentId, attempt, workerId } of await expireLeases(database))
    logger.warn({ runId, experimentId, attempt, workerId }, 'the worker is lost; the run is queued again');
}

/** Queued runs that the queue has never acknowledged get their job. A crash in the middle repeats a chunk, harmlessly. */
export async function enqueueNewRuns({ database, queues, logger }: ReconcileContext): Promise<void> {
  for (;;) {
    const runs = await takeUnqueued(database, { limit: OUTBOX_CHUNK });
    if (runs.length === 0) return;
    await queues.enqueue(runs);
    await markEnqueued(database, runs);
    logger.debug({ runs: runs.length }, 'queued');
  }
}

/** Queued runs whose job is gone (Redis was emptied, or a worker died between two writes) get it again. */
export async function restoreLostJobs({ database, queues, logger }: ReconcileContext): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await pageQueued(database, {
      limit: CHECK_CHUNK,
      olderThanSeconds: SETTLING_SECONDS,
      ...(after === undefined ? {} : { after }),
    });
    if (page.length === 0) return;
    const lost = await queues.findLost(page);
    if (lost.length > 0) {
      await queues.enqueueAgain(lost);
      await markEnqueued(database, lost);
      logger.warn({ runs: lost.length }, 'the queue had lost these runs; they are queued again');
    }
    if (page.length < CHECK_CHUNK) return;
    after = page[page.length - 1].runId;
  }
}
