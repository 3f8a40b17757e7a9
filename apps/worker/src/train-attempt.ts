// Trains one attempt with its checkpoints and weights among the artifacts, which it can do without.
import { type Artifacts, type Checkpoints, expendable, rememberResume } from '@reseed/artifacts';
import { type Logger, withFields } from '@reseed/config';
import type { EpochMetrics, EvaluatedWeights } from '@reseed/experiment';
import type { TrainedWeights, Trainer } from '@reseed/training';
import type { TrainerWork } from './serve-trainer.ts';
import type { HandedAttempt } from './trainer-protocol.ts';

export interface AttemptOptions {
  readonly trainer: Trainer;
  readonly artifacts: Artifacts;
  /** of the open backend */
  readonly backendClass: string;
  readonly codeVersion: string;
  /** how many checkpoints of a run are kept, from 1 */
  readonly keepLast: number;
  /** a checkpoint after every so many epochs; 0 for none */
  readonly checkpointEvery: number;
  readonly logger: Logger;
}

/**
 * Trains an attempt as `Trainer.run` does. Its weights are on the disk when it resolves. A disk that is full or may not be
 * written to costs the checkpoints or the weights, with one warning each, and not the run.
 */
export function trainAttempts(options: AttemptOptions): TrainerWork['run'] {
  const { trainer, artifacts } = options;
  return async (spec, events, signal, attempt) => {
    const { runId, attempt: number } = attempt;
    const logger = withFields(options.logger, { runId, attempt: number });
    const checkpoints = checkpointsOf(options, attempt, spec.specVersion, logger);
    const resumed = checkpoints && rememberResume(checkpoints);
    let told = false;
    let trained: Partial<TrainedWeights> = {};
    const ownEvents = {
      audit: events.audit,
      epoch: (metrics: EpochMetrics) => {
        const epoch = resumed?.resumedAfter();
        if (!told && epoch !== undefined) logger.info({ epoch }, 'resumed after this epoch');
        told = true;
        events.epoch(metrics);
      },
      weights: (weights: TrainedWeights) => void (trained = weights),
    };
    const every = options.checkpointEvery;
    const result = await trainer.run(spec, ownEvents, signal, resumed && { ...resumed.checkpoints, every });
    try {
      for (const [weights, bytes] of Object.entries(trained) as [EvaluatedWeights, Uint8Array][])
        await artifacts.writeWeights({ runId, attempt: number }, weights, bytes);
    } catch (error) {
      logger.warn({ err: error }, 'the weights are not kept');
    }
    return result;
  };
}

function checkpointsOf(
  options: AttemptOptions,
  { runId, runKey }: HandedAttempt,
  specVersion: number,
  logger: Logger,
): Checkpoints | undefined {
  const { artifacts, backendClass, codeVersion, keepLast, checkpointEvery } = options;
  if (checkpointEvery === 0) return undefined;
  const stored = artifacts.checkpoints(runId, {
    identity: { runKey, specVersion, backendClass, codeVersion },
    keepLast,
    onRefused: (path, reason) => logger.warn({ path, reason }, 'a checkpoint is refused'),
  });
  const onLost = (error: unknown) => logger.warn({ err: error }, 'this run goes on without checkpoints');
  return expendable(stored, onLost);
}
