// How any loader cuts and orders its epochs, and that any epoch can be asked for at any time.
import { SEEDING_MODES, type SeedingMode } from '@reseed/experiment';
import type { DrawStream } from '@reseed/rng';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLoader } from './any-loader.ts';
import { createLoader, type LoadedBatch } from './create-loader.ts';
import type { LoaderOptions } from './loader-options.ts';
import { blocksOf, goldenDraws, mixedRawDraws, rawDraws, record, recordRun, servedBy } from './recorded-epoch.ts';

const epochCount = fc.integer({ min: 1, max: 4 });

/** An arbitrary loader of one mode. */
const loaderOfMode = (seedingMode: SeedingMode): fc.Arbitrary<LoaderOptions<number[]>> =>
  anyLoader
    .filter((options) => seedingMode !== 'single_process' || options.loader.workers === 0)
    .chain((options) =>
      fc.constantFrom(goldenDraws, mixedRawDraws).map((draws) => ({
        ...options,
        seedingMode,
        draws: servedBy(seedingMode, draws),
      })),
    );

describe('any epoch, at any time', () => {
  it.each(SEEDING_MODES)(
    '%s: asked for out of order, alone or again, an epoch is the one of an unbroken run',
    (mode) => {
      fc.assert(
        fc.property(loaderOfMode(mode), fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }), (options, asked) => {
          const run = recordRun(options, 5);
          const loader = createLoader(options);
          for (const epoch of asked) expect(record(loader.epoch(epoch))).toEqual(run[epoch]);
          expect(record(createLoader(options).epoch(asked[0]))).toEqual(run[asked[0]]);
        }),
        { numRuns: 60 },
      );
    },
  );

  it.each(SEEDING_MODES)('%s: an epoch that was left in the middle, or two read in turns, change nothing', (mode) => {
    fc.assert(
      fc.property(loaderOfMode(mode), fc.nat(8), fc.nat(2), fc.nat(2), (options, batches, first, second) => {
        const run = recordRun(options, 3);
        const loader = createLoader(options);
        let left = batches;
        for (const _ of loader.epoch(first)) if (left-- === 0) break;
        expect(record(loader.epoch(second))).toEqual(run[second]);

        const iterators = [first, second].map((epoch) => loader.epoch(epoch)[Symbol.iterator]());
        const read: LoadedBatch<number[]>[][] = [[], []];
        for (let batch = 0; batch < loader.batchesPerEpoch; batch++) {
          iterators.forEach((iterator, i) => read[i].push(iterator.next().value as LoadedBatch<number[]>));
        }
        for (const iterator of iterators) expect(iterator.next().done).toBe(true);
        expect(read.map(record)).toEqual([run[first], run[second]]);
        expect(record(loader.epoch(2))).toEqual(run[2]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('single_process', () => {
  const counting = () => {
    let draws = 0;
    const program = {
      sample: (stream: DrawStream) => {
        draws++;
        return [stream.randint(0, 9)];
      },
    };
    const loader = { workers: 0, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 } as const;
    const sizes = { seed: 5, sampleCount: 10, batchSize: 3, loader };
    return {
      loader: createLoader({ ...sizes, seedingMode: 'single_process', draws: program }),
      drawsSince: () => {
        const since = draws;
        draws = 0;
        return since;
      },
    };
  };

  it('draws each sample of an unbroken run once', () => {
    const { loader, drawsSince } = counting();
    for (let epoch = 0; epoch < 6; epoch++) record(loader.epoch(epoch));
    expect(drawsSince()).toBe(60);
  });

  it('draws what came before a later epoch once, also when that epoch is asked for again', () => {
    const { loader, drawsSince } = counting();
    const [first] = loader.epoch(4);
    expect(drawsSince()).toBe(40 + 3);
    record(loader.epoch(4));
    expect(drawsSince()).toBe(10);
    expect(record(loader.epoch(4)).draws.slice(0, 3)).toEqual(first.parameters);
  });
});

describe('batches', () => {
  it('are consecutive blocks of the order, dealt to the workers in turn; every image comes batchRepeat times, side by side', () => {
    fc.assert(
      fc.property(anyLoader, epochCount, (options, epoch) => {
        const { sampleCount, batchSize, loader: spec } = options;
        const loader = createLoader({ ...options, draws: servedBy(options.seedingMode, goldenDraws) });
        const copies = spec.batchRepeat;
        const all = sampleCount * copies;
        const full = Math.floor(all / batchSize);
        const short = spec.dropLast ? 0 : all % batchSize;
        const sizes = [...new Array<number>(full).fill(batchSize), ...(short > 0 ? [short] : [])];
        const batches = [...loader.epoch(epoch)];
        expect(batches.map(({ indices }) => indices.length)).toEqual(sizes);
        expect(batches.map(({ parameters }) => parameters.length)).toEqual(sizes);
        expect(batches.map(({ batch }) => batch)).toEqual(sizes.map((_, i) => i));
        expect(batches.map(({ worker }) => worker)).toEqual(
          sizes.map((_, i) => (spec.workers === 0 ? -1 : i % spec.workers)),
        );
        expect(new Set(batches.map((batch) => batch.epoch))).toEqual(new Set([epoch]));
        expect(loader.batchesPerEpoch).toBe(sizes.length);
        expect(loader.samplesPerEpoch).toBe(sizes.reduce((sum, size) => sum + size, 0));
        const served = batches.flatMap(({ indices }) => [...indices]);
        const images = served.filter((_, position) => position % copies === 0);
        expect(served).toEqual(images.flatMap((image) => new Array<number>(copies).fill(image)));
        expect(new Set(images).size).toBe(loader.samplesPerEpoch / copies);
        for (const index of images) expect(index).toBeLessThan(sampleCount);
      }),
    );
  });

  it('copies of an image are augmented apart', () => {
    fc.assert(
      fc.property(anyLoader, fc.constantFrom(2, 4), ({ generatorSeed: _, ...options }, copies) => {
        const loader = { ...options.loader, batchRepeat: copies, dropLast: false };
        const seedingMode = options.seedingMode === 'per_batch' ? 'per_sample' : options.seedingMode;
        const repeated = { ...options, seedingMode, loader, batchSize: copies * 3, draws: rawDraws };
        const [epoch] = recordRun(repeated, 1);
        for (let i = 0; i < epoch.draws.length; i += copies) {
          expect(new Set(blocksOf(epoch).slice(i, i + copies)).size).toBe(copies);
        }
      }),
    );
  });

  it('come in one order for all modes that PyTorch orders alike; fixed repeats it, and decoupled ignores B, W and mode', () => {
    fc.assert(
      fc.property(anyLoader, fc.nat(3), (options, epoch) => {
        const { sampleCount, loader: spec } = options;
        const orderOf = (given: Partial<typeof options>, at: number) => {
          const loader = { ...spec, dropLast: false, batchRepeat: 1, ...given.loader };
          const mode = given.seedingMode ?? options.seedingMode;
          const draws = servedBy(mode, goldenDraws);
          return record(createLoader({ ...options, ...given, loader, draws }).epoch(at)).index;
        };
        const order = orderOf({ seedingMode: 'modern' }, epoch);
        // Persistent workers are seeded once, and draws from torch's generator in the parent come between its orders.
        const alike = (mode: SeedingMode) =>
          spec.order === 'decoupled' || !(mode.endsWith('persistent') || (mode === 'torch_rng' && spec.workers === 0));
        const modes = SEEDING_MODES.filter((mode) => mode !== 'single_process' && alike(mode));
        for (const seedingMode of modes) expect(orderOf({ seedingMode }, epoch), seedingMode).toEqual(order);
        const others = { ...spec, dropLast: false, batchRepeat: 1, workers: 7 };
        expect(orderOf({ batchSize: 1, seedingMode: 'modern', loader: others }, epoch)).toEqual(order);
        if (spec.shuffle === 'fixed') expect(orderOf({}, epoch + 1)).toEqual(order);
        if (spec.shuffle === 'sequential') expect(order).toEqual(Array.from({ length: sampleCount }, (_, i) => i));
      }),
      { numRuns: 40 },
    );
  });

  it('are reshuffled every epoch', () => {
    const loader = { workers: 2, shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 } as const;
    for (const order of ['torch_exact', 'decoupled'] as const) {
      const options = { seed: 3, sampleCount: 50, batchSize: 8, loader: { ...loader, order }, draws: goldenDraws };
      const orders = recordRun({ ...options, seedingMode: 'modern' }, 4).map(({ index }) => index.join());
      expect(new Set(orders).size, order).toBe(4);
    }
  });
});
