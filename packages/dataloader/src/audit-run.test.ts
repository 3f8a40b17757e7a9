// The audit against counting by hand and against the closed forms, written here a second time, for arbitrary loaders.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLoader, type AnyLoader } from './any-loader.ts';
import { auditRun, type AuditOptions } from './audit-run.ts';
import { closedForm } from './closed-form.ts';
import type { DrawProgram, LoaderOptions } from './loader-options.ts';
import { blocksOf, goldenDraws, rawDraws, type RecordedEpoch, recordRun } from './recorded-epoch.ts';

const epochCount = fc.integer({ min: 1, max: 4 });
const padCropFlip = (pad: number): DrawProgram<number[]> => ({
  sample: (stream) => [
    stream.randint(0, 2 * pad + 1),
    stream.randint(0, 2 * pad + 1),
    Number(stream.randomSample() < 0.5),
  ],
});

interface Expected {
  readonly perEpoch: number;
  readonly perRun: number;
  readonly streams: number;
}

/** Served samples N, those of worker 0 s_0, batches nb; images says how many are served at least once. */
function expectedCounts({ sampleCount, batchSize, loader, seedingMode }: AnyLoader, epochs: number, images: number) {
  const { workers, dropLast } = loader;
  const nb = dropLast ? Math.floor(sampleCount / batchSize) : Math.ceil(sampleCount / batchSize);
  const sizes = Array.from({ length: nb }, (_, b) => Math.min(batchSize, sampleCount - b * batchSize));
  const sum = (numbers: number[]) => numbers.reduce((total, size) => total + size, 0);
  const n = sum(sizes);
  const busy = Math.min(workers, nb);
  const s0 = sum(sizes.filter((_, b) => b % workers === 0));
  const oneStream: Expected = { perEpoch: n, perRun: n * epochs, streams: 1 };
  switch (seedingMode) {
    case 'single_process':
      return oneStream;
    case 'modern':
      return workers === 0 ? oneStream : { perEpoch: n, perRun: n * epochs, streams: busy * epochs };
    case 'inherited':
      return workers === 0 ? oneStream : { perEpoch: s0, perRun: s0, streams: 1 };
    case 'const_worker':
      return workers === 0 ? oneStream : { perEpoch: n, perRun: n, streams: busy };
    case 'shared_fresh':
      return workers === 0 ? oneStream : { perEpoch: s0, perRun: s0 * epochs, streams: epochs };
    case 'per_sample':
      return { perEpoch: n, perRun: n * epochs, streams: n * epochs };
    case 'fixed_per_sample':
      return { perEpoch: n, perRun: images, streams: images };
  }
}

const servedImages = (run: readonly RecordedEpoch[]): number => new Set(run.flatMap(({ index }) => index)).size;

describe('counts', () => {
  it('are those of the draws that the loader gives, block by block', () => {
    fc.assert(
      fc.property(anyLoader, epochCount, (loader, epochs) => {
        const options = { ...loader, draws: rawDraws };
        const run = recordRun(options, epochs).map(blocksOf);
        const uses = new Map<string, number>();
        for (const block of run.flat()) uses.set(block, (uses.get(block) ?? 0) + 1);
        const perEpoch = run.map((blocks) => new Set(blocks).size);
        const audit = auditRun({ ...options, epochs });
        expect(audit.drawsPerRun).toBe(run.flat().length);
        expect(audit.distinctBlocksPerRun.counted).toBe(uses.size);
        expect(perEpoch).toEqual(perEpoch.map(() => audit.distinctBlocksPerEpoch.counted));
        expect(audit.usesPerBlock).toEqual({ least: Math.min(...uses.values()), most: Math.max(...uses.values()) });
        expect(audit.duplicatedSharePerEpoch).toBeCloseTo(1 - perEpoch[0] / run[0].length, 12);
        expect(audit.repeatedSharePerRun).toBeCloseTo(1 - uses.size / run.flat().length, 12);
      }),
    );
  });

  it('are their closed form, whatever is drawn', () => {
    const programs = fc.constantFrom(goldenDraws, rawDraws, padCropFlip(1), padCropFlip(4));
    fc.assert(
      fc.property(anyLoader, epochCount, programs, (loader, epochs, draws) => {
        const images = servedImages(recordRun({ ...loader, draws: rawDraws }, epochs));
        const { perEpoch, perRun, streams } = expectedCounts(loader, epochs, images);
        expect(auditRun({ ...loader, draws, epochs })).toMatchObject({
          seedingMode: loader.seedingMode,
          workers: loader.loader.workers,
          epochs,
          distinctBlocksPerEpoch: { counted: perEpoch, closedForm: perEpoch },
          distinctBlocksPerRun: { counted: perRun, closedForm: perRun },
          distinctStreams: streams,
          agrees: true,
        });
      }),
      { numRuns: 200 },
    );
  });

  it('of the parameters of an image are those that it meets', () => {
    fc.assert(
      fc.property(anyLoader, epochCount, (loader, epochs) => {
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
        const draws: DrawProgram<number[]> = { sample: (stream) => (oneValue ? [stream.randint(0, 1)] : []) };
        expect(auditRun({ ...loader, draws, epochs })).toMatchObject({
          drawsPerRun: 0,
          distinctBlocksPerEpoch: { counted: 0, closedForm: 0 },
          distinctBlocksPerRun: { counted: 0, closedForm: 0 },
          duplicatedSharePerEpoch: 0,
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
  loader: { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: false },
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

  it.each<[LoaderOptions<never>['seedingMode'], number, number]>([
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
  const cifar = (seedingMode: LoaderOptions<never>['seedingMode']) =>
    study({ seedingMode, sampleCount: 50_000, batchSize: 128, epochs: 2 });

  it.each<[LoaderOptions<never>['seedingMode'], number, number]>([
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

  it.each<[LoaderOptions<never>['seedingMode'], number]>([
    ['modern', 10_000_000],
    ['inherited', 12_544],
    ['const_worker', 50_000],
  ])('%s: %i in 200 epochs, by closed form', (seedingMode, perRun) => {
    expect(closedForm(cifar(seedingMode), 200).distinctBlocksPerRun).toBe(perRun);
  });
});
