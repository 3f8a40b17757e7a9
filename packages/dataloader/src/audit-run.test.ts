// The audit against counting by hand and against the closed forms, counted here a second time by places in streams.
import type { SeedingMode } from '@reseed/experiment';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLoader, type AnyLoader } from './any-loader.ts';
import type { BlockCounts } from './audit.ts';
import { auditRun, type AuditOptions } from './audit-run.ts';
import { closedForm, isExpected, type Level } from './closed-form.ts';
import { describeAudit } from './describe-audit.ts';
import type { DrawProgram, LoaderMode } from './loader-options.ts';
import {
  batchRawDraws,
  blocksOf,
  goldenDraws,
  mixedRawDraws,
  rawDraws,
  recordRun,
  servedBy,
} from './recorded-epoch.ts';
import { streamRule } from './stream-rule.ts';

const epochCount = fc.integer({ min: 1, max: 4 });
const padCropFlip = (pad: number): DrawProgram<number[]> => ({
  sample: (stream) => [
    stream.randint(0, 2 * pad + 1),
    stream.randint(0, 2 * pad + 1),
    Number(stream.randomSample() < 0.5),
  ],
  choices: { counts: [2 * pad + 1, 2 * pad + 1, 2], parametersOf: (chosen) => [...chosen] },
});
const programs = fc.constantFrom(goldenDraws, rawDraws, batchRawDraws, mixedRawDraws);

/** Loaders with the persistent mode that only traces have. */
const anyLoaderOfTraces: fc.Arbitrary<AnyLoader> = fc
  .tuple(anyLoader, fc.nat(20))
  .map(([loader, k]) => (k === 0 ? { ...loader, seedingMode: 'const_worker_persistent' } : loader));

/** The stream that a worker reads, by name: the same name, the same stream. */
function streamName(mode: LoaderMode, workers: number, epoch: number, worker: number): string {
  if (workers === 0) return mode.startsWith('blog_epoch') ? `${epoch}` : 'parent';
  if (mode === 'inherited' || mode === 'inherited_persistent') return 'S';
  if (mode === 'blog_epoch') return `${epoch + worker}`;
  if (mode === 'shared_fresh') return `${epoch}`;
  const ofWorker = ['const_worker', 'blog_state0', 'blog_state0_on_modern', 'blog_epoch_on_modern'];
  if (ofWorker.includes(mode) || mode.endsWith('persistent')) return `${worker}`;
  return `${epoch} ${worker}`;
}

interface Places {
  readonly streams: Set<string>;
  /** Places of the draws, epoch by epoch. */
  readonly samples: string[][];
  readonly batches: string[][];
}

/** Where each draw of a run lies: its stream, and what was drawn from it before. */
function placesOfDraws(loader: AnyLoader, epochs: number, program: { samples: boolean; batches: boolean }): Places {
  const { seedingMode: mode, sampleCount, batchSize } = loader;
  const { workers, batchRepeat, dropLast } = loader.loader;
  const all = sampleCount * batchRepeat;
  const lasts = (workers === 0 && !mode.startsWith('blog_epoch')) || mode.endsWith('persistent');
  const history = new Map<string, string>();
  const places: Places = { streams: new Set(), samples: [], batches: [] };
  const counter = ['per_sample', 'fixed_per_sample', 'per_batch', 'jax_fold_in'].includes(mode);
  const run = recordRun(
    { ...loader, draws: { sample: () => [], choices: { counts: [], parametersOf: () => [] } } },
    epochs,
  );
  run.forEach(({ index }, epoch) => {
    if (!lasts) history.clear();
    const samples: string[] = [];
    const batches: string[] = [];
    for (let batch = 0, start = 0; start < all; batch++, start += batchSize) {
      const size = Math.min(batchSize, all - start);
      if (dropLast && size < batchSize) break;
      const worker = workers === 0 ? 0 : batch % workers;
      const stream = mode === 'main_precomputed' ? 'parent' : streamName(mode, workers, epoch, worker);
      const reader = `${worker}`;
      for (let i = 0; i < size; i++) {
        const sample = mode === 'fixed_per_sample' ? '' : `${epoch}`;
        const own = `${sample}:${index[start + i]}:${i % batchRepeat}`;
        const before = history.get(reader) ?? '';
        const place = counter ? own : mode === 'main_precomputed' ? `${epoch} ${own}` : `${stream}|${before}`;
        if (program.samples) samples.push(place);
        if (program.samples) history.set(reader, `${before}s`);
        if (program.samples) places.streams.add(counter ? own : stream);
      }
      if (!program.batches) continue;
      const own = `${mode === 'fixed_per_sample' ? '' : epoch}/${batch}`;
      const before = history.get(reader) ?? '';
      batches.push(counter ? own : `${stream}|${before}`);
      history.set(reader, `${before}b`);
      places.streams.add(counter ? own : stream);
    }
    places.samples.push(samples);
    places.batches.push(batches);
  });
  return places;
}

const distinct = (of: readonly unknown[]): number => new Set(of).size;

describe('counts', () => {
  const counted = (blocks: readonly string[][], { agrees, ...counts }: BlockCounts & { agrees: boolean }) => {
    const uses = new Map<string, number>();
    for (const block of blocks.flat()) uses.set(block, (uses.get(block) ?? 0) + 1);
    const perEpoch = blocks.map(distinct);
    expect(agrees).toBe(true);
    expect(counts.drawsPerRun).toBe(blocks.flat().length);
    expect(counts.distinctBlocksPerRun.counted).toBe(uses.size);
    expect(counts.distinctBlocksPerEpoch.counted).toBe(Math.min(...perEpoch));
    expect(counts.usesPerBlock).toEqual({ least: Math.min(...uses.values()), most: Math.max(...uses.values()) });
    expect(counts.duplicatedSharePerEpoch).toBeCloseTo(1 - Math.min(...perEpoch) / blocks[0].length, 12);
    expect(counts.repeatedSharePerRun).toBeCloseTo(1 - uses.size / blocks.flat().length, 12);
  };

  it('are those of the draws that the loader gives, block by block', () => {
    fc.assert(
      fc.property(anyLoaderOfTraces, epochCount, programs, (loader, epochs, program) => {
        const options = {
          ...loader,
          draws: servedBy(loader.seedingMode, program === goldenDraws ? rawDraws : program),
        };
        const run = recordRun(options, epochs);
        const audit = auditRun({ ...options, epochs });
        if (run[0].draws[0].length > 0) counted(run.map(blocksOf), audit);
        else expect(audit.drawsPerRun).toBe(0);
        const batchDraws = run.map((epoch) => epoch.batchDraws.map((block) => block.join()));
        if (batchDraws[0][0] !== '')
          counted(batchDraws, { ...(audit.batchDraws as BlockCounts), agrees: audit.agrees });
        else expect(audit.batchDraws).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it('are their closed form, whatever is drawn', () => {
    fc.assert(
      fc.property(anyLoaderOfTraces, epochCount, programs, (loader, epochs, program) => {
        const draws = servedBy(loader.seedingMode, program);
        const drawn = { samples: draws !== batchRawDraws, batches: draws.batch !== undefined };
        const audit = auditRun({ ...loader, draws, epochs });
        expect(audit).toMatchObject({ seedingMode: loader.seedingMode, epochs, epochsCounted: epochs, agrees: true });
        if (loader.seedingMode === 'inherited_main_draws' && loader.loader.workers > 0) return;
        const places = placesOfDraws(loader, epochs, drawn);
        expect(audit.distinctStreams).toBe(places.streams.size);
        for (const level of ['samples', 'batches'] as const) {
          if (!drawn[level]) continue;
          const counts = level === 'samples' ? audit : (audit.batchDraws as BlockCounts);
          const bounded = loader.seedingMode === 'inherited_persistent' && drawn.samples && drawn.batches;
          if (bounded) {
            // A short batch shifts a worker against the others: blocks of equal length may then meet again.
            expect(counts.distinctBlocksPerRun.counted).toBeLessThanOrEqual(distinct(places[level].flat()));
          } else {
            expect(counts.distinctBlocksPerRun.counted).toBe(distinct(places[level].flat()));
            expect(counts.distinctBlocksPerEpoch.counted).toBe(Math.min(...places[level].map(distinct)));
            expect(counts.distinctBlocksPerRun.closedForm).toBe(counts.distinctBlocksPerRun.counted);
          }
          expect(isExpected(counts.distinctBlocksPerRun.counted, counts.distinctBlocksPerRun.closedForm)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('of a window are the uses of blocks that came in the W − 1 batches before or in the same one', () => {
    fc.assert(
      fc.property(anyLoaderOfTraces, epochCount, (loader, epochs) => {
        const draws = servedBy(loader.seedingMode, rawDraws);
        if (draws === batchRawDraws) return;
        let [inWindow, same, compared] = [0, 0, 0];
        const last = new Map<string, string>();
        const run = recordRun({ ...loader, draws }, epochs);
        run.forEach((epoch, e) => {
          const blocks = blocksOf(epoch);
          blocks.forEach((block, position) => {
            const batch = Math.floor(position / loader.batchSize);
            const from = Math.max(0, batch - Math.max(1, loader.loader.workers) + 1) * loader.batchSize;
            if (blocks.slice(from, position).includes(block)) inWindow++;
            const place = `${epoch.index[position]} ${position % loader.loader.batchRepeat}`;
            if (e > 0 && last.has(`${e - 1} ${place}`)) {
              compared++;
              if (last.get(`${e - 1} ${place}`) === block) same++;
            }
            last.set(`${e} ${place}`, block);
          });
        });
        const audit = auditRun({ ...loader, draws, epochs });
        expect(audit.duplicatedInWindowShare).toBeCloseTo(inWindow / audit.drawsPerRun, 12);
        expect(audit.sameAsPreviousEpochShare).toBeCloseTo(compared === 0 ? 0 : same / compared, 12);
      }),
    );
  });

  it('of the parameters of an image are those that it meets', () => {
    fc.assert(
      fc.property(anyLoader, epochCount, (loader, epochs) => {
        if (loader.seedingMode === 'per_batch') return;
        const options = { ...loader, draws: padCropFlip(1) };
        const met = new Map<number, Set<string>>();
        for (const epoch of recordRun(options, epochs)) {
          const blocks = blocksOf(epoch);
          epoch.index.forEach((index, i) => met.set(index, (met.get(index) ?? new Set()).add(blocks[i])));
        }
        const audit = auditRun({ ...options, epochs });
        expect(audit.parametersMeasuredOn).toBe(met.size);
        const total = [...met.values()].reduce((sum, parameters) => sum + parameters.size, 0);
        expect(audit.meanDistinctParametersPerSample).toBeCloseTo(total / met.size, 12);
      }),
    );
  });

  it('are zero when the augmentation draws nothing, also through a range of one value', () => {
    fc.assert(
      fc.property(anyLoader, epochCount, fc.boolean(), (loader, epochs, oneValue) => {
        const draws: DrawProgram<number[]> = {
          sample: (stream) => (oneValue ? [stream.randint(0, 1)] : []),
          choices: { counts: oneValue ? [1] : [], parametersOf: (chosen) => [...chosen] },
        };
        expect(auditRun({ ...loader, draws, epochs })).toMatchObject({
          drawsPerRun: 0,
          distinctBlocksPerEpoch: { counted: 0, closedForm: 0 },
          distinctBlocksPerRun: { counted: 0, closedForm: 0 },
          duplicatedSharePerEpoch: 0,
          batchDraws: null,
          distinctStreams: 0,
          meanDistinctParametersPerSample: 1,
          agrees: true,
        });
      }),
      { numRuns: 30 },
    );
  });
});

/** N = 1000, B = 50, W = 4: the study's defaults. */
const study = (given: Partial<AuditOptions<number[]>>): AuditOptions<number[]> => ({
  seed: 2021,
  sampleCount: 1000,
  batchSize: 50,
  loader: { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 },
  seedingMode: 'modern',
  draws: padCropFlip(4),
  epochs: 20,
  ...given,
});

describe('a run of the study', () => {
  it('repeats 250 blocks 80 times each when inherited', () => {
    expect(auditRun(study({ seedingMode: 'inherited' }))).toMatchObject({
      samplesPerEpoch: 1000,
      drawsPerRun: 20_000,
      distinctBlocksPerEpoch: { counted: 250 },
      distinctBlocksPerRun: { counted: 250 },
      duplicatedSharePerEpoch: 0.75,
      repeatedSharePerRun: 1 - 250 / 20_000,
      usesPerBlock: { least: 80, most: 80 },
      distinctStreams: 1,
      parametersMeasuredOn: 1000,
      identifiedBy: 'next_words',
      agrees: true,
    });
  });

  it.each<[SeedingMode, number, number]>([
    ['modern', 20_000, 80],
    ['const_worker', 1000, 4],
    ['shared_fresh', 5000, 20],
    ['per_sample', 20_000, 20_000],
    ['fixed_per_sample', 1000, 1000],
  ])('%s has %i distinct blocks from %i streams', (seedingMode, blocks, streams) => {
    const audit = auditRun(study({ seedingMode }));
    expect(audit).toMatchObject({ distinctBlocksPerRun: { counted: blocks }, distinctStreams: streams, agrees: true });
    expect(audit.identifiedBy).toBe(seedingMode.endsWith('per_sample') ? 'stream_seed' : 'next_words');
  });

  // Expected: K(1 − (1 − 1/K)^E) = 18.87 of K = 162 parameters; 18.24 from a pool of 250 blocks (simulated).
  it('hardly costs an image parameters while the order is reshuffled, and all but one in a fixed order', () => {
    const mean = (given: Partial<AuditOptions<number[]>>) => auditRun(study(given)).meanDistinctParametersPerSample;
    expect(Math.abs(mean({ seedingMode: 'modern' }) - 162 * (1 - (161 / 162) ** 20))).toBeLessThan(0.1);
    expect(Math.abs(mean({ seedingMode: 'inherited' }) - 18.24)).toBeLessThan(0.1);
    const fixed = { ...study({}).loader, shuffle: 'fixed' } as const;
    expect(mean({ seedingMode: 'inherited', loader: fixed })).toBe(1);
    expect(mean({ seedingMode: 'fixed_per_sample' })).toBe(1);
    expect(mean({ seedingMode: 'modern', loader: fixed })).toBeGreaterThan(18);
  });
});

describe('CIFAR size: N = 50,000, B = 128, W = 4', () => {
  const cifar = (seedingMode: SeedingMode) => study({ seedingMode, sampleCount: 50_000, batchSize: 128, epochs: 2 });

  it.each<[SeedingMode, number, number]>([
    ['modern', 50_000, 100_000],
    ['inherited', 12_544, 12_544],
    ['const_worker', 50_000, 50_000],
    ['shared_fresh', 12_544, 25_088],
    ['per_sample', 50_000, 100_000],
    ['fixed_per_sample', 50_000, 50_000],
  ])('%s: %i distinct blocks an epoch, %i in two', (seedingMode, perEpoch, perRun) => {
    expect(auditRun(cifar(seedingMode))).toMatchObject({
      distinctBlocksPerEpoch: { counted: perEpoch },
      distinctBlocksPerRun: { counted: perRun },
      parametersMeasuredOn: 1000,
      agrees: true,
    });
  });

  it.each<[SeedingMode, number, number]>([
    ['modern', 10_000_000, 78_200],
    ['inherited', 12_544, 98],
    ['const_worker', 50_000, 391],
    ['blog_epoch', 2_546_256, 19_893],
  ])(
    '%s: %i blocks of samples and %i of batches in 200 epochs, by closed form',
    (seedingMode, ofSamples, ofBatches) => {
      const options = { ...cifar(seedingMode), draws: mixedRawDraws };
      const rule = streamRule(options);
      const perRun = (level: Level) =>
        closedForm(options, rule, { level, drawn: [level], epochs: 200 }).distinctBlocksPerRun;
      expect([perRun('samples'), perRun('batches')]).toEqual([ofSamples, ofBatches]);
    },
  );
});

describe('a run too long to be counted whole', () => {
  it('is counted in its first epochs, and says so', () => {
    const audit = auditRun(study({ seedingMode: 'inherited', epochs: 10_000_000 }));
    expect(audit).toMatchObject({
      epochs: 10_000_000,
      epochsCounted: 12_000,
      drawsPerRun: 10_000_000_000,
      agrees: true,
    });
    expect(audit.usesPerBlock).toEqual({ least: 48_000, most: 48_000 });
    expect(describeAudit(audit)).toContain('12,000,000 augmentation draws of the first 12,000 epochs came from 250');
  });
});

describe('streams with 32-bit hashed seeds', () => {
  it('may collide by chance, which is counted and is no disagreement', () => {
    // Base seeds 6 and 29 of this seed are 21 apart in their low words.
    const loader = { workers: 24, order: 'decoupled', shuffle: 'sequential', dropLast: false, batchRepeat: 1 } as const;
    const sizes = { seed: 26_737, sampleCount: 24, batchSize: 1, loader, epochs: 30, draws: rawDraws };
    for (const seedingMode of ['torch_rng', 'docs_seed_worker'] as const) {
      const audit = auditRun({ ...sizes, seedingMode });
      expect(audit).toMatchObject({ distinctStreams: 717, chanceStreamCollisions: 3, agrees: true });
      expect(audit.distinctBlocksPerRun).toEqual({ counted: 717, closedForm: 720 });
      expect(describeAudit(audit)).toContain("3 streams have another one's 32-bit seed by chance.");
    }
    expect(auditRun({ ...sizes, seedingMode: 'modern' })).toMatchObject({ distinctStreams: 720, agrees: true });
  });
});
