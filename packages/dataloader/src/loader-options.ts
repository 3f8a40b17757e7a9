// What a loader is made from, and the check that such a loader can exist.
import type { Condition, SeedingMode } from '@reseed/experiment';
import { type DrawStream, NumpyRandomState } from '@reseed/rng';
import { BatchRepeatError, GeneratorSeedUnusedError, LoaderRangeError, NoFullBatchError } from './errors.ts';

/** The `loader` group of a condition: workers, order, shuffle, dropLast, batchRepeat. */
export type LoaderSpec = Condition['loader'];

/** The seeding modes of a grid, and one that only traces of the real DataLoader need. */
export type LoaderMode = SeedingMode | 'const_worker_persistent';

/** Draws that choose among a fixed number of options each, as main_precomputed makes them for all samples at once. */
export interface ChoiceDraws<P> {
  /** Options of each draw, in draw order. */
  readonly counts: readonly number[];
  /** The parameters of a sample for which option `chosen[k]` was drawn, 0…counts[k]−1. */
  parametersOf(chosen: readonly number[]): P;
}

/**
 * An augmentation as the loader sees it: something that draws parameters from a stream. It must draw from nothing else,
 * keep no stream, and depend on no earlier call; the audit also needs P to be JSON.
 */
export interface DrawProgram<P, B = unknown> {
  /** Once per sample (`__getitem__`). */
  sample(stream: DrawStream): P;
  /** Once per batch of `size` samples, after they were drawn (`collate_fn`). */
  batch?(stream: DrawStream, size: number): B;
  /** Missing when some draw is not a choice among fixed options. */
  readonly choices?: ChoiceDraws<P>;
}

export interface LoaderOptions<P, B = unknown> {
  /** The run's seed S, 0…2^32−1. */
  readonly seed: number;
  readonly sampleCount: number;
  /** Samples in a batch, copies counted. */
  readonly batchSize: number;
  readonly loader: LoaderSpec;
  readonly seedingMode: LoaderMode;
  readonly draws: DrawProgram<P, B>;
  /** The C of const_worker's `np.random.seed(C + worker)`; the seed unless told otherwise. */
  readonly constant?: number;
  /** Seed of a `generator=` handed to the DataLoader; only with order torch_exact. */
  readonly generatorSeed?: number;
}

const UINT32_MAX = 0xffffffff;

export function checkWhole(field: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new LoaderRangeError(field, value, minimum, maximum);
  }
}

/** @throws LoaderRangeError, NoFullBatchError, BatchRepeatError, GeneratorSeedUnusedError */
export function checkLoaderOptions(options: LoaderOptions<unknown>): void {
  const { seed, sampleCount, batchSize, loader, constant, generatorSeed } = options;
  checkWhole('seed', seed, 0, UINT32_MAX);
  checkWhole('sampleCount', sampleCount, 1, 0x7fffffff);
  checkWhole('batchSize', batchSize, 1, 0x7fffffff);
  checkWhole('workers', loader.workers, 0, 0xffff);
  checkWhole('batchRepeat', loader.batchRepeat, 1, 0xffff);
  if (batchSize % loader.batchRepeat !== 0) throw new BatchRepeatError(loader.batchRepeat, batchSize);
  if (constant !== undefined) checkWhole('constant', constant, 0, UINT32_MAX);
  if (generatorSeed !== undefined) {
    checkWhole('generatorSeed', generatorSeed, 0, Number.MAX_SAFE_INTEGER);
    if (loader.order === 'decoupled') throw new GeneratorSeedUnusedError(generatorSeed);
  }
  const samples = sampleCount * loader.batchRepeat;
  if (loader.dropLast && samples < batchSize) throw new NoFullBatchError(samples, batchSize);
}

function wordsOf(draw: (stream: DrawStream) => unknown): number {
  const probe = new NumpyRandomState(0);
  draw(probe);
  return probe.wordsDrawn;
}

/** Whether a program draws cannot depend on the stream, which it has not read before its first draw. */
export function drawsPerSample(draws: DrawProgram<unknown>): boolean {
  return wordsOf((stream) => draws.sample(stream)) > 0;
}

export function drawsPerBatch(draws: DrawProgram<unknown>): boolean {
  // Of one sample there is no order to draw, of two there is.
  return wordsOf((stream) => draws.batch?.(stream, 2)) > 0;
}
