// For tests: fast-check's arbitrary loader, over all seeding modes, orders and sizes that can exist.
import { SEEDING_MODES } from '@reseed/experiment';
import fc from 'fast-check';
import type { LoaderOptions, LoaderSpec } from './loader-options.ts';

export type AnyLoader = Omit<LoaderOptions<unknown>, 'draws'>;

const uint32 = fc.nat(0xffffffff);

/** Small enough to count by hand, large enough for idle workers, short batches and uneven shares. */
export const anyLoader: fc.Arbitrary<AnyLoader> = fc
  .record({
    seed: uint32,
    sampleCount: fc.integer({ min: 1, max: 70 }),
    batchSize: fc.integer({ min: 1, max: 16 }),
    workers: fc.nat(6),
    order: fc.constantFrom<LoaderSpec['order'][]>('torch_exact', 'decoupled'),
    shuffle: fc.constantFrom<LoaderSpec['shuffle'][]>('reshuffle', 'fixed', 'sequential'),
    dropLast: fc.boolean(),
    batchRepeat: fc.constantFrom(1, 1, 1, 2, 3),
    seedingMode: fc.constantFrom(...SEEDING_MODES),
    constant: fc.option(uint32, { nil: undefined }),
    generatorSeed: fc.option(uint32, { nil: undefined }),
  })
  .map(({ seed, sampleCount, batchSize, seedingMode, constant, generatorSeed, ...spec }) => ({
    seed,
    sampleCount,
    batchSize: spec.batchRepeat * (spec.dropLast ? Math.min(batchSize, sampleCount) : batchSize),
    loader: { ...spec, workers: seedingMode === 'single_process' ? 0 : spec.workers },
    seedingMode,
    ...(constant === undefined ? {} : { constant }),
    ...(generatorSeed === undefined || spec.order === 'decoupled' ? {} : { generatorSeed }),
  }));
