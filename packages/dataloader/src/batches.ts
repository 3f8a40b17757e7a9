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
  /** Each image batchRepeat times, its copies side by side. */
  readonly indices: Int32Array;
}

export type BatchOptions = Pick<LoaderOptions<unknown>, 'sampleCount' | 'batchSize' | 'loader'>;

/** Different images in a full batch. */
function imagesPerBatch({ batchSize, loader }: BatchOptions): number {
  return batchSize / loader.batchRepeat;
}

export function countBatches(options: BatchOptions): number {
  const batches = options.sampleCount / imagesPerBatch(options);
  return options.loader.dropLast ? Math.floor(batches) : Math.ceil(batches);
}

/** Samples that an epoch serves, copies counted: all of them, unless dropLast leaves some out. */
export function countSamples(options: BatchOptions): number {
  const { sampleCount, batchSize, loader } = options;
  return Math.min(sampleCount * loader.batchRepeat, countBatches(options) * batchSize);
}

/** What each worker serves in an epoch, worker 0 first; it never serves less than another. W = 0 counts as one worker. */
export interface Shares {
  readonly samples: readonly number[];
  readonly batches: readonly number[];
}

export function sharesOfWorkers(options: BatchOptions): Shares {
  const samples = new Array<number>(Math.max(1, options.loader.workers)).fill(0);
  const batches = [...samples];
  const all = countSamples(options);
  for (let batch = 0, start = 0; start < all; batch++, start += options.batchSize) {
    const worker = batch % samples.length;
    samples[worker] += Math.min(options.batchSize, all - start);
    batches[worker]++;
  }
  return { samples, batches };
}

function repeated(images: Int32Array, copies: number): Int32Array {
  return copies === 1
    ? images
    : Int32Array.from({ length: images.length * copies }, (_, i) => images[Math.floor(i / copies)]);
}

/** The batches of one epoch, in the order in which the DataLoader yields them. */
export function* batchesOf(options: BatchOptions, { epoch, indices }: EpochOrder): Generator<Batch> {
  const { workers, batchRepeat } = options.loader;
  const size = imagesPerBatch(options);
  const batches = countBatches(options);
  for (let batch = 0; batch < batches; batch++) {
    yield {
      epoch,
      batch,
      worker: workers === 0 ? PARENT_PROCESS : batch % workers,
      indices: repeated(indices.subarray(batch * size, (batch + 1) * size), batchRepeat),
    };
  }
}
