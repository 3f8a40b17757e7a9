// Loaders that cannot exist are refused with the field, its value and its limit, and so are their audits.
import { expect, it } from 'vitest';
import { auditRun } from './audit-run.ts';
import { createLoader } from './create-loader.ts';
import {
  BatchRepeatError,
  DrawsNotServedError,
  GeneratorSeedUnusedError,
  LoaderRangeError,
  NoFullBatchError,
  WorkersNotAllowedError,
} from './errors.ts';
import type { LoaderOptions } from './loader-options.ts';
import { batchRawDraws, rawDraws, recordRun } from './recorded-epoch.ts';

const loader = { workers: 2, order: 'torch_exact', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 } as const;
const options = (given: Partial<LoaderOptions<number[]>> = {}): LoaderOptions<number[]> => ({
  seed: 0,
  sampleCount: 10,
  batchSize: 4,
  loader,
  seedingMode: 'modern',
  draws: rawDraws,
  ...given,
});

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

it.each<[field: string, values: number[], minimum: number, maximum: number]>([
  ['seed', [-1, 0.5, 2 ** 32, Number.NaN], 0, 0xffffffff],
  ['sampleCount', [0, 1.5, 2 ** 31], 1, 0x7fffffff],
  ['batchSize', [0, -4, 2.5, Number.POSITIVE_INFINITY], 1, 0x7fffffff],
  ['constant', [-1, 2 ** 32], 0, 0xffffffff],
  ['generatorSeed', [-1, 2 ** 53], 0, Number.MAX_SAFE_INTEGER],
])('%s %j', (field, values, minimum, maximum) => {
  for (const value of values) {
    for (const run of [createLoader, (bad: LoaderOptions<number[]>) => auditRun({ ...bad, epochs: 1 })]) {
      const error = thrown(() => run(options({ [field]: value })));
      expect(error).toBeInstanceOf(LoaderRangeError);
      expect(error).toMatchObject({ field, value, minimum, maximum });
      expect((error as Error).message).toBe(
        `${field} is ${value}; it must be a whole number from ${minimum} to ${maximum}`,
      );
    }
  }
});

it('workers', () => {
  for (const workers of [-1, 0.5, 0x10000]) {
    const error = thrown(() => createLoader(options({ loader: { ...loader, workers } })));
    expect(error).toMatchObject({ field: 'workers', value: workers, minimum: 0, maximum: 0xffff });
  }
});

it('epochs of an audit, epoch of a loader', () => {
  for (const epochs of [0, 1.5, -1]) {
    expect(thrown(() => auditRun({ ...options(), epochs }))).toMatchObject({ field: 'epochs', value: epochs });
  }
  for (const epoch of [-1, 0.5, 2 ** 31]) {
    const error = thrown(() => createLoader(options()).epoch(epoch));
    expect(error).toBeInstanceOf(LoaderRangeError);
    expect(error).toMatchObject({ field: 'epoch', value: epoch, minimum: 0, maximum: 0x7fffffff });
  }
});

it('batchRepeat', () => {
  for (const batchRepeat of [0, 1.5, 0x10000]) {
    const error = thrown(() => createLoader(options({ loader: { ...loader, batchRepeat } })));
    expect(error).toMatchObject({ field: 'batchRepeat', value: batchRepeat, minimum: 1, maximum: 0xffff });
  }
  const error = thrown(() => createLoader(options({ batchSize: 4, loader: { ...loader, batchRepeat: 3 } })));
  expect(error).toBeInstanceOf(BatchRepeatError);
  expect((error as Error).message).toBe('batchRepeat is 3; it must divide batchSize 4');
});

it.each([
  ['per_batch', rawDraws, 'draws per sample'],
  ['main_precomputed', { sample: rawDraws.sample }, 'draws that are not choices among fixed options'],
  ['main_precomputed', { ...batchRawDraws, choices: { counts: [], parametersOf: () => [] } }, 'draws per batch'],
] as const)('%s refuses what it has no stream for', (seedingMode, draws, refused) => {
  for (const run of [createLoader, (bad: LoaderOptions<number[]>) => auditRun({ ...bad, epochs: 1 })]) {
    const error = thrown(() => run(options({ seedingMode, draws })));
    expect(error).toBeInstanceOf(DrawsNotServedError);
    expect(error).toMatchObject({ seedingMode, refused });
    expect((error as Error).message).toBe(`seedingMode ${seedingMode} does not serve ${refused}`);
  }
});

it('dropLast without a full batch', () => {
  const bad = options({ batchSize: 11, loader: { ...loader, dropLast: true, batchRepeat: 1 } });
  const error = thrown(() => createLoader(bad));
  expect(error).toBeInstanceOf(NoFullBatchError);
  expect(error).toMatchObject({ sampleCount: 10, batchSize: 11 });
  expect((error as Error).message).toContain('batchSize is 11, but there are only 10 samples');
});

it('single_process with workers', () => {
  const error = thrown(() => createLoader(options({ seedingMode: 'single_process' })));
  expect(error).toBeInstanceOf(WorkersNotAllowedError);
  expect(error).toMatchObject({ workers: 2 });
  expect((error as Error).message).toContain('workers is 2, it must be 0');
});

it('a generator that the decoupled order would never read', () => {
  const error = thrown(() => createLoader(options({ generatorSeed: 7, loader: { ...loader, order: 'decoupled' } })));
  expect(error).toBeInstanceOf(GeneratorSeedUnusedError);
  expect(error).toMatchObject({ generatorSeed: 7 });
});

it('the limits themselves are loaders', () => {
  const least = options({ sampleCount: 1, batchSize: 0x7fffffff, constant: 0, generatorSeed: 0 });
  expect(recordRun(least, 1)[0].index).toEqual([0]);
  const most = options({ seed: 0xffffffff, constant: 0xffffffff, loader: { ...loader, workers: 0xffff } });
  for (const seedingMode of ['modern', 'const_worker'] as const) {
    expect(recordRun({ ...most, seedingMode }, 1)[0].worker).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
  }
});
