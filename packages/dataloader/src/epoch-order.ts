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

/** random_() of an int64 takes two 32-bit words. */
const WORDS_PER_BASE_SEED = 2;

function sequential(sampleCount: number): Int32Array {
  return Int32Array.from({ length: sampleCount }, (_, i) => i);
}

/** Base seeds come from a generator that nothing else reads, orders from the ORDER stream: equal in all arms of a pair. */
function decoupledOrder({ seed, sampleCount, loader }: OrderOptions, epoch: number): EpochOrder {
  const global = new TorchGenerator(seed);
  global.skip(WORDS_PER_BASE_SEED * epoch);
  const baseSeed = global.random63();
  switch (loader.shuffle) {
    case 'sequential':
      return { epoch, baseSeed, indices: sequential(sampleCount) };
    case 'fixed':
      return { epoch, baseSeed, indices: orderStream(seed, 0).randperm(sampleCount) };
    case 'reshuffle':
      return { epoch, baseSeed, indices: orderStream(seed, epoch).randperm(sampleCount) };
  }
}

/**
 * The draws of the real DataLoader after `torch.manual_seed(seed)`: base seed first, then the sampler's. `fixed` is a
 * DistributedSampler(seed=seed) without set_epoch, which takes its order from a generator of its own.
 */
function torchExactOrder({ seed, sampleCount, loader, generatorSeed }: OrderOptions, epoch: number): EpochOrder {
  const generator = new TorchGenerator(generatorSeed ?? seed);
  switch (loader.shuffle) {
    case 'sequential':
    case 'fixed': {
      generator.skip(WORDS_PER_BASE_SEED * epoch);
      const baseSeed = generator.random63();
      const fixed = loader.shuffle === 'fixed';
      return {
        epoch,
        baseSeed,
        indices: fixed ? new TorchGenerator(seed).randperm(sampleCount) : sequential(sampleCount),
      };
    }
    case 'reshuffle': {
      if (generatorSeed === undefined) {
        generator.skip(2 * WORDS_PER_BASE_SEED * epoch);
        const baseSeed = generator.random63();
        return { epoch, baseSeed, indices: new TorchGenerator(generator.random63()).randperm(sampleCount) };
      }
      // RandomSampler shuffles once more after the last index, which moves a generator that was handed in.
      generator.skip((WORDS_PER_BASE_SEED + 2 * (sampleCount - 1)) * epoch);
      const baseSeed = generator.random63();
      return { epoch, baseSeed, indices: generator.randperm(sampleCount) };
    }
  }
}

/** Order and base seed of any epoch, in any order of asking. */
export function orderOfEpoch(options: OrderOptions, epoch: number): EpochOrder {
  switch (options.loader.order) {
    case 'decoupled':
      return decoupledOrder(options, epoch);
    case 'torch_exact':
      return torchExactOrder(options, epoch);
  }
}
