// The order of the samples and the base seed of each epoch (torch/utils/data/sampler.py, dataloader.py).
import { orderStream, TorchGenerator } from '@reseed/rng';
import type { LoaderOptions } from './loader-options.ts';

export interface EpochOrder {
  readonly epoch: number;
  /** What PyTorch hands to the workers of this epoch: 63 bits. */
  readonly baseSeed: bigint;
  /** The N sample indices in the order in which batches take them. */
  readonly indices: Int32Array;
}

export type OrderOptions = Pick<LoaderOptions<unknown>, 'seed' | 'sampleCount' | 'loader' | 'generatorSeed'>;

/** Persistent workers are started, and get their base seed, only once. */
export type BaseSeeds = 'each_epoch' | 'once';

/** random_() of an int64 takes two 32-bit words. */
const WORDS_OF_RANDOM63 = 2;

const sequential = (sampleCount: number): Int32Array => Int32Array.from({ length: sampleCount }, (_, i) => i);

/** Base seeds come from a generator that nothing else reads, orders from the ORDER stream: equal in all arms of a pair. */
function decoupledIndices({ seed, sampleCount, loader }: OrderOptions, epoch: number): Int32Array {
  switch (loader.shuffle) {
    case 'sequential':
      return sequential(sampleCount);
    case 'fixed':
      return orderStream(seed, 0).randperm(sampleCount);
    case 'reshuffle':
      return orderStream(seed, epoch).randperm(sampleCount);
  }
}

/** Whether the sampler draws from the DataLoader's generator, the global one unless one was handed in. */
function samplerDraws({ loader }: OrderOptions): boolean {
  return loader.order === 'torch_exact' && loader.shuffle === 'reshuffle';
}

/**
 * What the sampler gives, drawing from the DataLoader's generator if it must. `fixed` is a
 * DistributedSampler(seed=seed) without set_epoch, which takes its order from a generator of its own.
 */
function drawIndices(options: OrderOptions, epoch: number, generator: TorchGenerator): Int32Array {
  const { seed, sampleCount, loader, generatorSeed } = options;
  if (loader.order === 'decoupled') return decoupledIndices(options, epoch);
  switch (loader.shuffle) {
    case 'sequential':
      return sequential(sampleCount);
    case 'fixed':
      return new TorchGenerator(seed).randperm(sampleCount);
    case 'reshuffle':
      if (generatorSeed === undefined) return new TorchGenerator(generator.random63()).randperm(sampleCount);
      return generator.randperm(sampleCount);
  }
}

/**
 * Words that the sampler of one epoch takes from the DataLoader's generator: a seed for a generator of its own; from one
 * that was handed in, the order itself, which RandomSampler shuffles once more after the last index.
 */
function wordsOfSampler(options: OrderOptions): number {
  if (!samplerDraws(options)) return 0;
  return options.generatorSeed === undefined ? WORDS_OF_RANDOM63 : 2 * (options.sampleCount - 1);
}

/** The DataLoader's generator where an epoch begins, after its base seed. */
function generatorAt(
  options: OrderOptions,
  epoch: number,
  baseSeeds: BaseSeeds,
): { generator: TorchGenerator; baseSeed: bigint } {
  const generator = new TorchGenerator(options.generatorSeed ?? options.seed);
  const ofSampler = wordsOfSampler(options);
  if (baseSeeds === 'each_epoch') generator.skip((WORDS_OF_RANDOM63 + ofSampler) * epoch);
  const baseSeed = generator.random63();
  if (baseSeeds === 'once') generator.skip(ofSampler * epoch);
  return { generator, baseSeed };
}

/** The base seed of any epoch, without its order. */
export function baseSeedOfEpoch(options: OrderOptions, epoch: number, baseSeeds: BaseSeeds): bigint {
  return generatorAt(options, epoch, baseSeeds).baseSeed;
}

/**
 * Order and base seed of any epoch, in any order of asking: the draws of the real DataLoader after
 * `torch.manual_seed(seed)`, base seed first, then the sampler's.
 */
export function orderOfEpoch(options: OrderOptions, epoch: number, baseSeeds: BaseSeeds = 'each_epoch'): EpochOrder {
  const { generator, baseSeed } = generatorAt(options, epoch, baseSeeds);
  return { epoch, baseSeed, indices: drawIndices(options, epoch, generator) };
}

/** The order that a DataLoader draws from `generator` when an epoch begins, which moves it. */
export function takeOrder(options: OrderOptions, epoch: number, generator: TorchGenerator): EpochOrder {
  const baseSeed = generator.random63();
  return { epoch, baseSeed, indices: drawIndices(options, epoch, generator) };
}
