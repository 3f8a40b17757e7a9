// The emulated PyTorch DataLoader: forked workers need no processes here, only a random state each (one per b mod W).
import type { Batch } from './batches.ts';
import { checkWhole, type LoaderOptions } from './loader-options.ts';
import { createSampleSource } from './sample-source.ts';

/** A batch with what was drawn for each of its samples, in the order of `indices`. */
export interface LoadedBatch<P, B = unknown> extends Batch {
  readonly parameters: P[];
  /** What was drawn once for the whole batch; undefined when the program draws nothing of the kind. */
  readonly batchParameters: B | undefined;
}

export interface Loader<P, B = unknown> {
  readonly batchesPerEpoch: number;
  /** Samples served in an epoch, copies counted: all, unless dropLast leaves some out. */
  readonly samplesPerEpoch: number;
  /**
   * The batches of epoch `epoch`, counted from 0, in any order of asking and as often as asked: the same draws as in an
   * uninterrupted run. Modes whose streams outlive an epoch find the start of a later one by drawing those before it.
   * @throws LoaderRangeError
   */
  epoch(epoch: number): Iterable<LoadedBatch<P, B>>;
}

/**
 * A loader whose every index and draw follows from its options: it keeps no state that a checkpoint would have to hold.
 * @throws LoaderRangeError, NoFullBatchError, BatchRepeatError, WorkersNotAllowedError, GeneratorSeedUnusedError,
 * DrawsNotServedError
 */
export function createLoader<P, B = unknown>(options: LoaderOptions<P, B>): Loader<P, B> {
  const source = createSampleSource(options);

  function* load(epoch: number): Generator<LoadedBatch<P, B>> {
    const { batches, draws } = source.openEpoch(epoch);
    for (const batch of batches) {
      const parameters = Array.from(batch.indices, (_, position) => draws.sample(batch, position));
      yield { ...batch, parameters, batchParameters: draws.batch(batch) };
    }
    draws.finish();
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
