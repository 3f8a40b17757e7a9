// Takes one run from claim to record.
//
//   claim ──refused──▶ drop the job: somebody else has the run, or it is no longer queued
//     └─▶ train ──result──▶ accept (fenced) · failure ─▶ record (fenced; Postgres decides between retry and failed)
//           └─aborted: lease lost ─▶ write nothing · worker stopping ─▶ hand the run back
//
// The BullMQ job always completes: what happens next to a run is decided by its row, never by the queue.
import type { Artifacts } from '@reseed/artifacts';
import {
  acceptResult,
  CorruptResultError,
  claimRun,
  type Database,
  recordFailure,
  recordProgress,
} from '@reseed/database';
import { type Failure, FAILURE_KINDS, resolveCondition, SPEC_VERSION } from '@reseed/experiment';
import type { Logger } from '@reseed/config';
import { ProgressBuffer } from './progress-buffer.ts';
import { keepTrying } from './keep-trying.ts';
import type { AttemptId } from './trainer-protocol.ts';
import { type TrainerOutcome, type TrainerProcess, TrainerUnavailableError } from './trainer-process.ts';

/** A running attempt is given up when this is the reason of its abort signal; nothing more may be written for it. */
export const LEASE_LOST = Symbol('lease lost');

export interface RunContext {
  readonly database: Database;
  readonly trainer: TrainerProcess;
  readonly artifacts: Artifacts;
  readonly workerId: string;
  readonly leaseSeconds: number;
  readonly logger: Logger;
}

export type RunEnding = 'refused' | 'stale' | 'succeeded' | 'failed' | 'handedBack';

/**
 * @param holding is told while this attempt holds the lease, so that the heartbeat renews it
 * @param controller aborted with LEASE_LOST when the lease is gone, with anything else when the worker stops
 * @throws TrainerUnavailableError when the trainer died and cannot be started again; the run was handed back
 */
export async function processRun(
  context: RunContext,
  id: AttemptId,
  holding: { set(id: AttemptId | undefined): void },
  controller: AbortController,
): Promise<RunEnding> {
  const { database, trainer, workerId, leaseSeconds } = context;
  const { signal } = controller;
  const patience = { logger: context.logger.child({ ...id }), signal };
  const claim = await keepTrying(() => claimRun(database, { ...id, workerId, leaseSeconds }), patience);
  if (claim === 'stale') return 'refused';
  const logger = context.logger.child({ experimentId: claim.experimentId, ...id });
  const attempt = { ...context, logger };
  holding.set(id);
  const progress = new ProgressBuffer(async ({ epochs, audit }) => {
    const recorded = await recordProgress(database, { ...id, epochs, ...(audit === undefined ? {} : { audit }) });
    if (recorded === 'stale') controller.abort(LEASE_LOST);
  });
  // A run that was queued by older code gets the defaults of what has been added since, which changed nothing for it.
  const { condition } = resolveCondition(claim.condition);
  const spec = { specVersion: SPEC_VERSION, condition, seed: claim.seed };
  const events = {
    audit: (audit: object) => progress.setAudit(audit),
    epoch: (metrics: Parameters<ProgressBuffer['addEpoch']>[0]) => progress.addEpoch(metrics),
  };
  // A record that cannot be written now (Postgres restarting) is worth waiting for: the work is done.
  const write = (outcome: TrainerOutcome) =>
    keepTrying(() => record(attempt, id, outcome, progress), { logger, signal });
  try {
    logger.debug('claimed');
    const outcome = await trainer.run(id, spec, events, signal);
    if (signal.aborted && signal.reason === LEASE_LOST) {
      progress.discard();
      logger.warn('the lease is gone; this attempt writes nothing more');
      return 'stale';
    }
    return await write(outcome);
  } catch (error) {
    if (error instanceof TrainerUnavailableError) await write({ kind: 'aborted' });
    throw error;
  } finally {
    holding.set(undefined);
  }
}

/** Trying again would not make it right. */
function corruption(error: unknown): CorruptResultError {
  if (error instanceof CorruptResultError) return error;
  throw error;
}

async function record(
  context: RunContext,
  id: AttemptId,
  outcome: TrainerOutcome,
  progress: ProgressBuffer,
): Promise<RunEnding> {
  const { database, artifacts, logger } = context;
  await progress.flush();
  const fail = async (failure: Failure, ending: RunEnding): Promise<RunEnding> => {
    const recorded = await recordFailure(database, { ...id, failure });
    return recorded === 'stale' ? 'stale' : ending;
  };
  switch (outcome.kind) {
    case 'result': {
      const accepted = await acceptResult(database, { ...id, result: outcome.result }).catch(corruption);
      if (accepted instanceof CorruptResultError) {
        logger.error({ err: accepted }, 'the result contradicts itself and is recorded as a failure');
        return 'failed';
      }
      if (accepted === 'stale') {
        // Its artifacts stay: an answer that got lost looks the same, and then this is the attempt that was accepted.
        logger.warn('the result of a stale attempt was refused');
        return 'stale';
      }
      logger.info({ weightHash: outcome.result.weightHash, seconds: outcome.result.seconds }, 'succeeded');
      await artifacts.keepOnly(id).catch((error: unknown) => logger.warn({ err: error }, 'artifacts are left behind'));
      return 'succeeded';
    }
    case 'failure':
      logger.warn({ failure: outcome.failure }, 'failed');
      return fail(outcome.failure, 'failed');
    case 'aborted':
      logger.info('handed back');
      return fail({ kind: 'handed_back', message: FAILURE_KINDS.handed_back.meaning }, 'handedBack');
  }
}
