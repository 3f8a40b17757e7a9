// What each seeding mode means, written here a second time with the plain generators, and the 2 × 2 factorial they make.
import { SEEDING_MODES, type SeedingMode } from '@reseed/experiment';
import { NumpyRandomState, SeedSequence, TorchGenerator } from '@reseed/rng';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLoader } from './any-loader.ts';
import type { LoaderOptions } from './loader-options.ts';
import { blocksOf, drawsByIndex, drawsByWorker, goldenDraws, rawDraws, recordRun } from './recorded-epoch.ts';
import { streamRule } from './stream-rule.ts';

const epochCount = fc.integer({ min: 1, max: 4 });
const workerCount = fc.integer({ min: 1, max: 6 });

function draw(stream: NumpyRandomState, count: number): number[][] {
  return Array.from({ length: count }, () => goldenDraws.sample(stream));
}

const fromWords = (...entropy: (number | bigint)[]) => new NumpyRandomState(new SeedSequence(entropy).generateState(4));

/** The first base seeds of a run whose order is decoupled: what torch.manual_seed(seed) gives when nothing else draws. */
function baseSeeds(seed: number, epochs: number): bigint[] {
  const generator = new TorchGenerator(seed);
  return Array.from({ length: epochs }, () => generator.random63());
}

type WorkerMode = 'modern' | 'inherited' | 'const_worker' | 'shared_fresh';
interface Place {
  readonly seed: number;
  readonly constant: number;
  readonly baseSeed: bigint;
  readonly epoch: number;
  readonly worker: number;
}

/** The stream of each worker of each epoch, by the definitions of the modes. */
const streamOf: Record<WorkerMode, (place: Place) => NumpyRandomState> = {
  modern: ({ baseSeed, worker }) => fromWords(worker, baseSeed),
  inherited: ({ seed }) => new NumpyRandomState(seed),
  const_worker: ({ constant, worker }) => new NumpyRandomState((constant + worker) % 2 ** 32),
  shared_fresh: ({ seed, epoch }) => fromWords(seed, epoch),
};
const WORKER_MODES = Object.keys(streamOf) as WorkerMode[];

function withWorkers(seedingMode: SeedingMode, workers: fc.Arbitrary<number>): fc.Arbitrary<LoaderOptions<number[]>> {
  return fc.tuple(anyLoader, workers).map(([{ generatorSeed: _, ...options }, count]) => ({
    ...options,
    seedingMode,
    loader: { ...options.loader, order: 'decoupled', workers: count },
    draws: goldenDraws,
  }));
}

describe('modes of a worker', () => {
  it.each(WORKER_MODES)('%s: each worker of each epoch reads the stream of the definition', (mode) => {
    fc.assert(
      fc.property(withWorkers(mode, workerCount), epochCount, (options, epochs) => {
        const { seed, constant = seed } = options;
        const seeds = baseSeeds(seed, epochs);
        recordRun(options, epochs).forEach((recorded, epoch) => {
          drawsByWorker(recorded).forEach((draws, worker) => {
            const stream = streamOf[mode]({ seed, constant, baseSeed: seeds[epoch], epoch, worker });
            expect(draws).toEqual(draw(stream, draws.length));
          });
        });
      }),
    );
  });

  it.each(WORKER_MODES)('%s without workers is single_process: one NP(S) from the first epoch to the last', (mode) => {
    fc.assert(
      fc.property(withWorkers(mode, fc.constant(0)), epochCount, (options, epochs) => {
        const run = recordRun(options, epochs);
        const draws = run.flatMap((epoch) => epoch.draws);
        expect(draws).toEqual(draw(new NumpyRandomState(options.seed), draws.length));
        expect(recordRun({ ...options, seedingMode: 'single_process' }, epochs)).toEqual(run);
      }),
    );
  });

  it('inherited with one worker is one stream NP(S) that starts again every epoch', () => {
    fc.assert(
      fc.property(withWorkers('inherited', fc.constant(1)), epochCount, (options, epochs) => {
        for (const { draws } of recordRun(options, epochs)) {
          expect(draws).toEqual(draw(new NumpyRandomState(options.seed), draws.length));
        }
      }),
    );
  });

  it.each<[WorkerMode, { sharedByWorkers: boolean; repeatedByEpochs: boolean }]>([
    ['modern', { sharedByWorkers: false, repeatedByEpochs: false }],
    ['shared_fresh', { sharedByWorkers: true, repeatedByEpochs: false }],
    ['const_worker', { sharedByWorkers: false, repeatedByEpochs: true }],
    ['inherited', { sharedByWorkers: true, repeatedByEpochs: true }],
  ])('%s in the factorial: %j', (mode, { sharedByWorkers, repeatedByEpochs }) => {
    const severalBatches = withWorkers(mode, fc.integer({ min: 2, max: 6 })).map((options) => ({
      ...options,
      sampleCount: Math.max(options.sampleCount, 2 * options.batchSize),
      draws: rawDraws,
    }));
    fc.assert(
      fc.property(severalBatches, (options) => {
        const [first, second] = recordRun(options, 2);
        const [mine, other] = drawsByWorker(first);
        if (sharedByWorkers) expect(mine.slice(0, other.length)).toEqual(other);
        const blocks = blocksOf(first);
        expect(new Set(blocks).size).toBe(sharedByWorkers ? mine.length : blocks.length);
        if (repeatedByEpochs) expect(second.draws).toEqual(first.draws);
        else expect(blocksOf(second).filter((block) => blocks.includes(block))).toEqual([]);
      }),
    );
  });

  it('const_worker: worker 1 of seed S is worker 0 of seed S + 1, so neighbouring seeds are no replicates', () => {
    fc.assert(
      fc.property(withWorkers('const_worker', fc.constant(2)), fc.nat(0xfffffffe), (options, seed) => {
        const fullBatches = { ...options, sampleCount: 2 * options.batchSize, constant: seed };
        const [here] = recordRun(fullBatches, 1);
        const [next] = recordRun({ ...fullBatches, constant: seed + 1 }, 1);
        expect(drawsByWorker(here)[1]).toEqual(drawsByWorker(next)[0]);
      }),
    );
  });

  it('const_worker takes the seed as its C, and wraps at 2^32', () => {
    const options: LoaderOptions<number[]> = {
      seed: 0xffffffff,
      sampleCount: 4,
      batchSize: 2,
      loader: { workers: 2, order: 'decoupled', shuffle: 'sequential', dropLast: false },
      seedingMode: 'const_worker',
      draws: goldenDraws,
    };
    const [epoch] = recordRun(options, 1);
    expect(drawsByWorker(epoch)).toEqual([0xffffffff, 0].map((seed) => draw(new NumpyRandomState(seed), 2)));
  });
});

describe('modes of a sample', () => {
  /** Two loaders that agree in nothing but the seed, the mode and the number of samples. */
  const twoLoaders = (seedingMode: SeedingMode) =>
    fc.tuple(anyLoader, anyLoader).map((both) =>
      both.map((options) => ({
        ...options,
        seed: both[0].seed,
        sampleCount: both[0].sampleCount,
        loader: { ...options.loader, dropLast: false },
        seedingMode,
        draws: goldenDraws,
      })),
    );

  it('per_sample: SS(S, e, i), whatever the workers, the batches and the order are', () => {
    fc.assert(
      fc.property(twoLoaders('per_sample'), epochCount, ([options, other], epochs) => {
        const run = recordRun(options, epochs).map(drawsByIndex);
        expect(recordRun(other, epochs).map(drawsByIndex)).toEqual(run);
        run.forEach((samples, epoch) => {
          for (const [index, draws] of samples) {
            expect(draws).toEqual(goldenDraws.sample(fromWords(options.seed, epoch, index)));
          }
        });
      }),
    );
  });

  it('fixed_per_sample: SS(S, i), the same in every epoch', () => {
    fc.assert(
      fc.property(twoLoaders('fixed_per_sample'), ([options, other]) => {
        const [first, second, third] = recordRun(options, 3).map(drawsByIndex);
        expect([second, third]).toEqual([first, first]);
        expect(drawsByIndex(recordRun(other, 1)[0])).toEqual(first);
        for (const [index, draws] of first) {
          expect(draws).toEqual(goldenDraws.sample(fromWords(options.seed, index)));
        }
      }),
    );
  });

  it('per_sample repeats no block in a run', () => {
    fc.assert(
      fc.property(twoLoaders('per_sample'), epochCount, ([options], epochs) => {
        const blocks = recordRun({ ...options, draws: rawDraws }, epochs).flatMap(blocksOf);
        expect(new Set(blocks).size).toBe(blocks.length);
      }),
    );
  });
});

describe('streamRule', () => {
  const loader = { workers: 0, order: 'decoupled', shuffle: 'reshuffle', dropLast: false } as const;
  it.each(SEEDING_MODES)('%s: what its rule says of sharing is true of its seeds', (seedingMode) => {
    const workers = seedingMode === 'single_process' ? 0 : 3;
    const rule = streamRule({ seed: 2021, seedingMode, loader: { ...loader, workers } });
    if (rule.scope === 'run') {
      expect(rule.seed).toBe(2021);
      return;
    }
    const seedOf = (epoch: number, which: number): string =>
      rule.scope === 'worker'
        ? String(rule.seed({ epoch, baseSeed: BigInt(epoch + 11) }, which))
        : String(rule.seed(epoch, which, new Uint32Array(4)));
    expect(seedOf(0, 2) === seedOf(1, 2)).toBe(rule.acrossEpochs === 'same');
    expect(seedOf(0, 1) === seedOf(0, 2)).toBe(rule.scope === 'worker' && rule.acrossWorkers === 'same');
  });
});
