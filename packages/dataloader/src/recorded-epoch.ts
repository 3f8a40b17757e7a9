// For tests: what a loader yields in an epoch, written down sample by sample as the golden traces are.
import { createLoader, type LoadedBatch } from './create-loader.ts';
import type { DrawProgram, LoaderOptions } from './loader-options.ts';

/** [randint(0, 9), randint(0, 9), randint(0, 2), u32], which take a varying number of words. */
export const goldenDraws: DrawProgram<number[]> = {
  sample: (stream) => [stream.randint(0, 9), stream.randint(0, 9), stream.randint(0, 2), stream.nextUint32()],
};

/** 128 raw bits, so that two blocks are equal only when they come from the same place of the same stream. */
export const rawDraws: DrawProgram<number[]> = {
  sample: (stream) => Array.from({ length: 4 }, () => stream.nextUint32()),
};

export interface RecordedEpoch {
  readonly index: number[];
  readonly worker: number[];
  readonly draws: number[][];
}

export function record(batches: Iterable<LoadedBatch<number[]>>): RecordedEpoch {
  const recorded: RecordedEpoch = { index: [], worker: [], draws: [] };
  for (const { indices, worker, parameters } of batches) {
    recorded.index.push(...indices);
    recorded.worker.push(...Array.from(indices, () => worker));
    recorded.draws.push(...parameters);
  }
  return recorded;
}

/** Epochs 0…epochs−1 of one loader, one after the other. */
export function recordRun(options: LoaderOptions<number[]>, epochs: number): RecordedEpoch[] {
  const loader = createLoader(options);
  return Array.from({ length: epochs }, (_, epoch) => record(loader.epoch(epoch)));
}

/** Every sample's draws by its index: what augmentation each image got, whoever served it. */
export function drawsByIndex({ index, draws }: RecordedEpoch): Map<number, number[]> {
  return new Map(index.map((sample, position) => [sample, draws[position]]));
}

/** The draws of each worker, 0…W−1, in the order in which it made them. */
export function drawsByWorker({ worker, draws }: RecordedEpoch): number[][][] {
  const byWorker: number[][][] = [];
  draws.forEach((block, position) => (byWorker[worker[position]] ??= []).push(block));
  return byWorker;
}

/** One text per sample, for counting. */
export const blocksOf = ({ draws }: RecordedEpoch): string[] => draws.map((block) => block.join());
