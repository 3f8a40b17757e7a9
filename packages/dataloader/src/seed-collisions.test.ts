// Seeds that share streams, against sets of the draws themselves, and the sentence that names them.
import { SEEDING_MODES } from '@reseed/experiment';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLoader } from './any-loader.ts';
import type { LoaderMode } from './loader-options.ts';
import { blocksOf, rawDraws, recordRun, servedBy } from './recorded-epoch.ts';
import { describeSeedCollisions, seedCollisions } from './seed-collisions.ts';

const loader = { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 } as const;
const study = (seedingMode: LoaderMode, seeds: number[], epochs = 20) =>
  seedCollisions({ sampleCount: 1000, batchSize: 50, loader, seedingMode }, { seeds, epochs });

describe('seeds of an experiment', () => {
  it('share streams if and only if their runs share draws', () => {
    const seeds = fc.uniqueArray(fc.nat(12), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(anyLoader, seeds, fc.integer({ min: 1, max: 3 }), (options, list, epochs) => {
        if (options.seedingMode === 'per_batch') return;
        const { constant: _, seed: __, ...run } = options;
        const draws = servedBy(options.seedingMode, rawDraws);
        const blocks = list.map((seed) => new Set(recordRun({ ...run, seed, draws }, epochs).flatMap(blocksOf)));
        const sharing = list.flatMap((one, i) =>
          list.slice(i + 1).flatMap((other, j) => {
            const shared = [...blocks[i]].some((block) => blocks[i + 1 + j].has(block));
            return shared ? [[one, other].sort((a, b) => a - b).join()] : [];
          }),
        );
        const found = seedCollisions(run, { seeds: list, epochs });
        expect(found.pairs.map((pair) => [...pair.seeds].sort((a, b) => a - b).join()).sort()).toEqual(sharing.sort());
        expect(found.pairCount).toBe(sharing.length);
      }),
      { numRuns: 150 },
    );
  });

  it.each(SEEDING_MODES.filter((mode) => mode !== 'single_process'))('%s with the seeds 0, 1, 2', (mode) => {
    const shared: Partial<Record<LoaderMode, number[]>> = {
      const_worker: [3, 2, 3],
      blog_state0: [3, 2, 3],
      blog_epoch: [22, 21, 22],
      blog_state0_on_modern: [4, 4, 4],
      blog_epoch_on_modern: [4, 4, 4],
    };
    expect(study(mode, [0, 1, 2]).pairs.map(({ sharedStreams }) => sharedStreams)).toEqual(shared[mode] ?? []);
  });

  it('spread out, share streams only where no seed helps', () => {
    for (const mode of SEEDING_MODES.filter((name) => name !== 'single_process')) {
      const { pairCount } = study(mode, [401918031, 2654435761, 97]);
      expect(pairCount, mode).toBe(mode.endsWith('_on_modern') ? 3 : 0);
    }
  });

  it('meet across 2^32, and when they lie less than epochs + workers apart', () => {
    expect(study('const_worker', [0xffffffff, 0]).pairCount).toBe(1);
    expect(study('blog_epoch', [0, 22]).pairs[0]).toEqual({
      seeds: [0, 22],
      sharedStreams: 1,
      places: [
        { epoch: 19, worker: 3 },
        { epoch: 0, worker: 0 },
      ],
    });
    expect(study('blog_epoch', [0, 23]).pairCount).toBe(0);
  });

  it('are too many to be listed', () => {
    const many = Array.from({ length: 2000 }, (_, seed) => seed);
    const found = study('blog_state0_on_modern', many);
    expect(found).toMatchObject({ seedsCompared: 500, pairCount: (500 * 499) / 2, streamsPerSeed: 4 });
    expect(found.pairs).toHaveLength(20);
  });
});

describe('the sentence', () => {
  it('names the pairs and one place', () => {
    expect(describeSeedCollisions('const_worker', study('const_worker', [0, 1, 5]))).toBe(
      'seedingMode const_worker: seeds that share augmentation streams are no independent replicates: 0 and 1 (3 of 4); ' +
        'worker 1 of epoch 0 of seed 0 reads the stream of worker 0 of epoch 0 of seed 1. ' +
        '{ "count": n, "master": m } spreads seeds',
    );
    expect(describeSeedCollisions('blog_state0_on_modern', study('blog_state0_on_modern', [7, 123456]))).toBe(
      'seedingMode blog_state0_on_modern: every seed reads the same 4 augmentation streams ' +
        '(seeds 7 and 123456, for one pair): more seeds replicate nothing of the augmentation',
    );
    expect(describeSeedCollisions('modern', study('modern', [0, 1]))).toBeUndefined();
  });
});
