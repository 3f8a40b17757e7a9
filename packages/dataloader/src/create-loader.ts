// The emulated PyTorch DataLoader: forked workers need no processes here, only a random state each (one per b mod W).
import type { Batch } from './batches.ts';
import { checkWhole, type LoaderOptions } from './loader-options.ts';
import { createSampleSource } from './sample-source.ts';

/** A batch with what was drawn for each of its samples, in the order of `indices`. */
export interface LoadedBatch<P> extends Batch {
  readonly parameters: P[];
}

export interface Loader<P> {
  readonly batchesPerEpoch: number;
  /** Samples served in an epoch: sampleCount, unless dropLast leaves some out. */
  readonly samplesPerEpoch: number;
  /**
   * The batches of epoch `epoch`, counted from 0, in any order of asking and as often as asked: the same draws as in an
   * uninterrupted run. single_process finds the start of a later epoch by drawing the epochs before it.
   * @throws LoaderRangeError
   */
  epoch(epoch: number): Iterable<LoadedBatch<P>>;
}

/**
 * A loader whose every index and draw follows from its options: it keeps no state that a checkpoint would have to hold.
 * @throws LoaderRangeError, NoFullBatchError, WorkersNotAllowedError, GeneratorSeedUnusedError
 */
export function createLoader<P>(options: LoaderOptions<P>): Loader<P> {
  const source = createSampleSource(options);
  const { draws } = options;

  function* load(epoch: number): Generator<LoadedBatch<P>> {
    const { batches, streamOf, finish } = source.openEpoch(epoch);
    for (const batch of batches) {
      const parameters = Array.from(batch.indices, (index) => draws.sample(streamOf(batch.worker, index)));
      yield { ...batch, parameters };
    }
    finish();
  }

  return {
    batchesPerEpoch: source.batchesPerEpoch,
    samplesPerEpoch: source.samplesPerEpoch,
    epoch(epoch) {
      checkWhole('epoch', epoch, 0, 0x7fffffff);
      return { [Symbol.iterator]: () => load(epoch) };
    },
  };
}
