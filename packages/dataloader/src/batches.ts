// How an epoch is cut into batches and who serves them: batch b goes to worker b mod W, from worker 0 in every epoch.
import type { EpochOrder } from './epoch-order.ts';
import type { LoaderOptions } from './loader-options.ts';

/** The worker of a batch that the parent process serves itself (W = 0). */
export const PARENT_PROCESS = -1;

export interface Batch {
  readonly epoch: number;
  readonly batch: number;
  /** 0…W−1, or PARENT_PROCESS. */
  readonly worker: number;
  readonly indices: Int32Array;
}

export type BatchOptions = Pick<LoaderOptions<unknown>, 'sampleCount' | 'batchSize' | 'loader'>;

export function countBatches({ sampleCount, batchSize, loader }: BatchOptions): number {
  return loader.dropLast ? Math.floor(sampleCount / batchSize) : Math.ceil(sampleCount / batchSize);
}

/** Samples that an epoch serves: all of them, unless dropLast leaves some out. */
export function countSamples(options: BatchOptions): number {
  return Math.min(options.sampleCount, countBatches(options) * options.batchSize);
}

/** Samples that each worker serves in an epoch, worker 0 first; it never serves fewer than another. */
export function samplesPerWorker(options: BatchOptions): number[] {
  const samples = countSamples(options);
  const served = new Array<number>(Math.max(1, options.loader.workers)).fill(0);
  for (let batch = 0, start = 0; start < samples; batch++, start += options.batchSize) {
    served[batch % served.length] += Math.min(options.batchSize, samples - start);
  }
  return served;
}

/** The batches of one epoch, in the order in which the DataLoader yields them. */
export function* batchesOf(options: BatchOptions, { epoch, indices }: EpochOrder): Generator<Batch> {
  const { batchSize, loader } = options;
  const batches = countBatches(options);
  for (let batch = 0; batch < batches; batch++) {
    yield {
      epoch,
      batch,
      worker: loader.workers === 0 ? PARENT_PROCESS : batch % loader.workers,
      indices: indices.subarray(batch * batchSize, (batch + 1) * batchSize),
    };
  }
}
