// Runs the reconciler in the background of an API process; of several API processes one leads, the others stand by.
import { setTimeout as pause } from 'node:timers/promises';
import { type Leadership, tryLeadership } from '@reseed/database';
import { enqueueNewRuns, type ReconcileContext, restoreLostJobs, returnLostRuns } from './reconcile.ts';

const PASS_EVERY_MS = 1000;
/** Reads every job id of the queue, so it is done less often. */
const LOST_JOBS_EVERY_MS = 5000;

export interface Reconciler {
  /** Starts the next pass now. */
  kick(): void;
  /** Ends after the pass in hand. */
  stop(): Promise<void>;
}

export function startReconciler(context: ReconcileContext): Reconciler {
  const { database, logger } = context;
  let leadership: Leadership | undefined;
  let stopped = false;
  let failing = false;
  let kicked = false;
  let wake = new AbortController();
  let lostJobsCheckedAt = Number.NEGATIVE_INFINITY;

  const pass = async () => {
    if (leadership?.held() !== true) leadership = await tryLeadership(database, 'reconcile');
    if (leadership === undefined) return;
    await returnLostRuns(context);
    await enqueueNewRuns(context);
    if (performance.now() - lostJobsCheckedAt < LOST_JOBS_EVERY_MS) return;
    await restoreLostJobs(context);
    lostJobsCheckedAt = performance.now();
  };

  const loop = async () => {
    while (!stopped) {
      kicked = false;
      try {
        await pass();
        if (failing) logger.info('the reconciler works again');
        failing = false;
      } catch (error) {
        // Postgres or Redis is away: the next pass finds everything that this one could not do.
        if (!failing) logger.warn({ err: error }, 'a pass of the reconciler failed; trying again');
        failing = true;
      }
      if (stopped || (kicked && !failing)) continue;
      wake = new AbortController();
      await pause(PASS_EVERY_MS, undefined, { signal: wake.signal }).catch(() => {});
    }
    await leadership?.release();
  };
  const running = loop();

  return {
    kick() {
      kicked = true;
      wake.abort();
    },
    async stop() {
      stopped = true;
      wake.abort();
      await running;
    },
  };
}
