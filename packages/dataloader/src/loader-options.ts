// What a loader is made from, and the check that such a loader can exist.
import type { Condition, SeedingMode } from '@reseed/experiment';
import type { DrawStream } from '@reseed/rng';
import { GeneratorSeedUnusedError, LoaderRangeError, NoFullBatchError } from './errors.ts';

/** The `loader` group of a condition: workers, order, shuffle, dropLast. */
export type LoaderSpec = Condition['loader'];

/**
 * An augmentation as the loader sees it: something that draws parameters from a stream. It must draw from nothing else,
 * keep no stream, and depend on no earlier call; the audit also needs P to be JSON.
 */
export interface DrawProgram<P> {
  sample(stream: DrawStream): P;
}

export interface LoaderOptions<P> {
  /** The run's seed S, 0…2^32−1. */
  readonly seed: number;
  readonly sampleCount: number;
  readonly batchSize: number;
  readonly loader: LoaderSpec;
  readonly seedingMode: SeedingMode;
  readonly draws: DrawProgram<P>;
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

/** @throws LoaderRangeError, NoFullBatchError, GeneratorSeedUnusedError */
export function checkLoaderOptions(options: LoaderOptions<unknown>): void {
  const { seed, sampleCount, batchSize, loader, constant, generatorSeed } = options;
  checkWhole('seed', seed, 0, UINT32_MAX);
  checkWhole('sampleCount', sampleCount, 1, 0x7fffffff);
  checkWhole('batchSize', batchSize, 1, 0x7fffffff);
  checkWhole('workers', loader.workers, 0, 0xffff);
  if (constant !== undefined) checkWhole('constant', constant, 0, UINT32_MAX);
  if (generatorSeed !== undefined) {
    checkWhole('generatorSeed', generatorSeed, 0, Number.MAX_SAFE_INTEGER);
    if (loader.order === 'decoupled') throw new GeneratorSeedUnusedError(generatorSeed);
  }
  if (loader.dropLast && sampleCount < batchSize) throw new NoFullBatchError(sampleCount, batchSize);
}
