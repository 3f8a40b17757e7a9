// For tests: what a loader yields in an epoch, written down sample by sample as the golden traces are.
import type { DrawStream } from '@reseed/rng';
import { createLoader, type LoadedBatch } from './create-loader.ts';
import type { DrawProgram, LoaderMode, LoaderOptions } from './loader-options.ts';

type Program = DrawProgram<number[], number[]>;

const asChosen = (chosen: readonly number[]): number[] => [...chosen];
const fourWords = (stream: DrawStream) => Array.from({ length: 4 }, () => stream.nextUint32());

/** [randint(0, 9), randint(0, 9), randint(0, 2), u32], which take a varying number of words. */
export const goldenDraws: Program = {
  sample: (stream) => [stream.randint(0, 9), stream.randint(0, 9), stream.randint(0, 2), stream.nextUint32()],
  choices: { counts: [9, 9, 2, 2 ** 32], parametersOf: asChosen },
};

/** 128 raw bits, so that two blocks are equal only when they come from the same place of the same stream. */
export const rawDraws: Program = {
  sample: fourWords,
  choices: { counts: [2 ** 32, 2 ** 32, 2 ** 32, 2 ** 32], parametersOf: asChosen },
};

/** 128 raw bits once per batch, as a collate_fn draws. */
export const batchRawDraws: Program = { sample: () => [], batch: fourWords };

/** 128 raw bits per sample, then as many per batch. */
export const mixedRawDraws: Program = { sample: fourWords, batch: fourWords };

/** The program, or the nearest to it that the mode serves. */
export function servedBy(mode: LoaderMode, program: Program): Program {
  if (mode === 'per_batch') return batchRawDraws;
  if (mode === 'main_precomputed') return program.choices === undefined ? rawDraws : program;
  return program;
}

export interface RecordedEpoch {
  readonly index: number[];
  readonly worker: number[];
  readonly draws: number[][];
  /** Of each batch; empty lists when nothing is drawn per batch. */
  readonly batchDraws: number[][];
}

export function record(batches: Iterable<LoadedBatch<number[]>>): RecordedEpoch {
  const recorded: RecordedEpoch = { index: [], worker: [], draws: [], batchDraws: [] };
  for (const { indices, worker, parameters, batchParameters } of batches) {
    recorded.index.push(...indices);
    recorded.worker.push(...Array.from(indices, () => worker));
    recorded.draws.push(...parameters);
    recorded.batchDraws.push((batchParameters as number[] | undefined) ?? []);
  }
  return recorded;
}

/** Epochs 0…epochs−1 of one loader, one after the other. */
export function recordRun(options: LoaderOptions<number[]>, epochs: number): RecordedEpoch[] {
  const loader = createLoader(options);
  return Array.from({ length: epochs }, (_, epoch) => record(loader.epoch(epoch)));
}

/** Every sample's draws by its index, or by index and copy: what augmentation each image got, whoever served it. */
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
