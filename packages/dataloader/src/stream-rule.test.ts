// What each seeding mode means, written here a second time with the plain generators.
import { SEEDING_MODES, type SeedingMode } from '@reseed/experiment';
import {
  type DrawStream,
  NumpyRandomState,
  PythonDrawStream,
  PythonRandom,
  SeedSequence,
  TorchDrawStream,
  TorchGenerator,
} from '@reseed/rng';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLoader } from './any-loader.ts';
import type { LoaderMode, LoaderOptions } from './loader-options.ts';
import { blocksOf, drawsByWorker, goldenDraws, rawDraws, recordRun } from './recorded-epoch.ts';

const epochCount = fc.integer({ min: 1, max: 4 });
const workerCount = fc.integer({ min: 1, max: 6 });

function draw(stream: DrawStream, count: number): number[][] {
  return Array.from({ length: count }, () => goldenDraws.sample(stream));
}

const numpy = (seed: number) => new NumpyRandomState(seed % 2 ** 32);
const fromWords = (...entropy: (number | bigint)[]) => new NumpyRandomState(new SeedSequence(entropy).generateState(4));

/** The first base seeds of a run whose order is decoupled: what torch.manual_seed(seed) gives when nothing else draws. */
function baseSeeds(seed: number, epochs: number): bigint[] {
  const generator = new TorchGenerator(seed);
  return Array.from({ length: epochs }, () => generator.random63());
}

interface Place {
  readonly seed: number;
  readonly constant: number;
  readonly baseSeed: bigint;
  readonly epoch: number;
  readonly worker: number;
}

/** The parent of inherited_main_draws: five doubles before each epoch. */
function parentAfter(seed: number, epochs: number): NumpyRandomState {
  const parent = new NumpyRandomState(seed);
  for (let i = 0; i < 5 * epochs; i++) parent.randomSample();
  return parent;
}

const HIGH = 2n ** 32n;
const modern = ({ baseSeed, worker }: Place) => fromWords(worker, baseSeed);

/** The stream that a worker starts an epoch with, or starts with once and for all when it is persistent. */
const streamOf: Partial<Record<LoaderMode, (place: Place) => DrawStream>> = {
  modern,
  modern_persistent: modern,
  seed_sequence_rkern: modern,
  lightning: ({ baseSeed, worker }) => fromWords(baseSeed, worker, 0),
  docs_seed_worker: ({ baseSeed, worker }) => numpy(Number((baseSeed + BigInt(worker)) % HIGH)),
  initial_seed_div32: ({ baseSeed, worker }) => numpy(Number((baseSeed + BigInt(worker)) / HIGH) + worker),
  torch_rng: ({ baseSeed, worker }) => new TorchDrawStream(new TorchGenerator(baseSeed + BigInt(worker))),
  python_rng: ({ baseSeed, worker }) => new PythonDrawStream(new PythonRandom(baseSeed + BigInt(worker))),
  inherited: ({ seed }) => numpy(seed),
  inherited_persistent: ({ seed }) => numpy(seed),
  inherited_main_draws: ({ seed, epoch }) => parentAfter(seed, epoch + 1),
  const_worker: ({ constant, worker }) => numpy(constant + worker),
  const_worker_persistent: ({ constant, worker }) => numpy(constant + worker),
  blog_state0: ({ seed, worker }) => numpy(seed + worker),
  blog_epoch: ({ seed, epoch, worker }) => numpy(seed + epoch + worker),
  blog_state0_on_modern: ({ worker }) => numpy(2147483648 + worker),
  blog_epoch_on_modern: ({ worker }) => numpy(2147483648 + worker),
  shared_fresh: ({ seed, epoch }) => fromWords(seed, epoch),
};
const WORKER_MODES = Object.keys(streamOf) as LoaderMode[];

function withWorkers(seedingMode: LoaderMode, workers: fc.Arbitrary<number>): fc.Arbitrary<LoaderOptions<number[]>> {
  return fc.tuple(anyLoader, workers).map(([{ generatorSeed: _, ...options }, count]) => ({
    ...options,
    seedingMode,
    loader: { ...options.loader, order: 'decoupled', workers: count },
    draws: goldenDraws,
  }));
}

it('every seeding mode is defined here', () => {
  const others = ['per_sample', 'fixed_per_sample', 'per_batch', 'jax_fold_in', 'main_precomputed', 'single_process'];
  expect(new Set([...WORKER_MODES, ...others])).toEqual(new Set([...SEEDING_MODES, 'const_worker_persistent']));
});

describe('modes of a worker', () => {
  it.each(WORKER_MODES)('%s: each worker of each epoch reads the stream of the definition', (mode) => {
    fc.assert(
      fc.property(withWorkers(mode, workerCount), epochCount, (options, epochs) => {
        const { seed, constant = seed } = options;
        const seeds = baseSeeds(seed, epochs);
        const lasting = new Map<number, DrawStream>();
        recordRun(options, epochs).forEach((recorded, epoch) => {
          drawsByWorker(recorded).forEach((draws, worker) => {
            const open = () =>
              streamOf[mode]?.({ seed, constant, baseSeed: seeds[epoch], epoch, worker }) as DrawStream;
            const stream = mode.endsWith('persistent') ? (lasting.get(worker) ?? open()) : open();
            lasting.set(worker, stream);
            expect(draws).toEqual(draw(stream, draws.length));
          });
        });
      }),
      { numRuns: 60 },
    );
  });

  /** What draws in the parent when there are no workers, epoch after epoch. */
  const parents: Partial<Record<LoaderMode, (seed: number) => (epoch: number) => DrawStream>> = {
    blog_epoch: (seed) => (epoch) => numpy(seed + epoch),
    blog_epoch_on_modern: (seed) => (epoch) => numpy(seed + epoch),
    inherited_main_draws: (seed) => {
      const parent = numpy(seed);
      return () => {
        for (let i = 0; i < 5; i++) parent.randomSample();
        return parent;
      };
    },
    python_rng: (seed) => {
      const random = new PythonDrawStream(new PythonRandom(seed));
      return () => random;
    },
    torch_rng: (seed) => {
      const generator = new TorchGenerator(seed);
      return () => {
        generator.random63();
        return new TorchDrawStream(generator);
      };
    },
  };
  const single = (seed: number) => {
    const stream = numpy(seed);
    return () => stream;
  };

  it.each(WORKER_MODES)('%s without workers: the parent’s own stream, with what the mode does to it', (mode) => {
    fc.assert(
      fc.property(withWorkers(mode, fc.constant(0)), epochCount, (options, epochs) => {
        const streams = (parents[mode] ?? single)(options.seed);
        const run = recordRun(options, epochs);
        run.forEach(({ draws }, epoch) => expect(draws).toEqual(draw(streams(epoch), draws.length)));
        if (parents[mode] === undefined) {
          expect(recordRun({ ...options, seedingMode: 'single_process' }, epochs)).toEqual(run);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('what the modes are known for', () => {
  const twoBatches = (mode: SeedingMode) =>
    withWorkers(mode, fc.integer({ min: 2, max: 6 })).map((options) => ({
      ...options,
      sampleCount: Math.max(options.sampleCount, 2 * options.batchSize),
      draws: rawDraws,
    }));

  it('inherited with one worker is one stream NP(S) that starts again every epoch', () => {
    fc.assert(
      fc.property(withWorkers('inherited', fc.constant(1)), epochCount, (options, epochs) => {
        for (const { draws } of recordRun(options, epochs)) {
          expect(draws).toEqual(draw(new NumpyRandomState(options.seed), draws.length));
        }
      }),
    );
  });

  it.each(['blog_state0_on_modern', 'blog_epoch_on_modern'] as const)(
    '%s: the same streams in every epoch of every seed (F1)',
    (mode) => {
      fc.assert(
        fc.property(withWorkers(mode, workerCount), fc.nat(0xffffffff), (options, seed) => {
          const [first, second] = recordRun(options, 2);
          expect(second.draws).toEqual(first.draws);
          expect(recordRun({ ...options, seed }, 1)[0].draws).toEqual(first.draws);
        }),
      );
    },
  );

  it('blog_epoch: stream(e, w) = stream(e + 1, w − 1) (F2)', () => {
    fc.assert(
      fc.property(twoBatches('blog_epoch'), (options) => {
        const [first, second] = recordRun(options, 2).map(drawsByWorker);
        for (let worker = 1; worker < first.length; worker++) {
          const shared = Math.min(first[worker].length, second[worker - 1].length);
          expect(first[worker].slice(0, shared)).toEqual(second[worker - 1].slice(0, shared));
        }
      }),
    );
  });

  it.each<[SeedingMode, { sharedByWorkers: boolean; repeatedByEpochs: boolean }]>([
    ['modern', { sharedByWorkers: false, repeatedByEpochs: false }],
    ['shared_fresh', { sharedByWorkers: true, repeatedByEpochs: false }],
    ['const_worker', { sharedByWorkers: false, repeatedByEpochs: true }],
    ['inherited', { sharedByWorkers: true, repeatedByEpochs: true }],
  ])('%s in the 2 × 2 factorial: %j', (mode, { sharedByWorkers, repeatedByEpochs }) => {
    fc.assert(
      fc.property(twoBatches(mode), (options) => {
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
        const { constant: _, ...fullBatches } = { ...options, sampleCount: 2 * options.batchSize };
        const [here] = recordRun({ ...fullBatches, seed }, 1);
        const [next] = recordRun({ ...fullBatches, seed: seed + 1 }, 1);
        expect(drawsByWorker(here)[1]).toEqual(drawsByWorker(next)[0]);
      }),
    );
  });

  it('seeds wrap at 2^32, as in NumPy 2', () => {
    const loader = { workers: 2, order: 'decoupled', shuffle: 'sequential', dropLast: false, batchRepeat: 1 } as const;
    const sizes = { seed: 0xffffffff, sampleCount: 4, batchSize: 2, loader, draws: goldenDraws };
    for (const seedingMode of ['const_worker', 'blog_state0', 'blog_epoch'] as const) {
      const [epoch] = recordRun({ ...sizes, seedingMode }, 1);
      expect(drawsByWorker(epoch)).toEqual([0xffffffff, 0].map((seed) => draw(new NumpyRandomState(seed), 2)));
    }
  });
});
