// For tests: the golden traces of the real DataLoader, and the loader options that must give each of them.
import { readFileSync } from 'node:fs';
import type { LoaderMode, LoaderOptions } from './loader-options.ts';
import { TRACE_PROGRAMS, type Trace, type TraceKind, type TraceMode } from './trace-loader.ts';

/** The sizes that both golden files of the DataLoader give. */
export type GoldenSizes = Omit<Trace, 'epochs' | 'prefetch' | 'kind'>;

export interface GoldenTrace extends Omit<Trace, 'prefetch'> {
  readonly prefetch: number | null;
}

const file = new URL('../golden/dataloader_traces.json', import.meta.url);
export const goldenTraces = (JSON.parse(readFileSync(file, 'utf8')) as { traces: GoldenTrace[] }).traces;

/** The C of the vectors' constant modes. */
const GOLDEN_CONSTANT = 1000;

const KINDS: Partial<Record<TraceMode, TraceKind>> = { torch_rng: 'torch', python_rng: 'py' };

/** A loader that draws per sample. */
export function goldenLoader(sizes: GoldenSizes): LoaderOptions<number[]> {
  const { mode, N, B, W, shuffle, seed, generator_seed, drop_last } = sizes;
  return {
    seed,
    sampleCount: N,
    batchSize: B,
    loader: {
      workers: W,
      order: 'torch_exact',
      shuffle: shuffle ? 'reshuffle' : 'sequential',
      dropLast: drop_last,
      batchRepeat: 1,
    },
    seedingMode: mode as LoaderMode,
    draws: TRACE_PROGRAMS[KINDS[mode] ?? 'np'],
    constant: GOLDEN_CONSTANT,
    ...(generator_seed === null ? {} : { generatorSeed: generator_seed }),
  };
}

export const nameOfTrace = ({ mode, N, B, W, shuffle, seed, generator_seed, drop_last }: GoldenSizes): string =>
  `${mode} N=${N} B=${B} W=${W} ${shuffle ? 'shuffled' : 'in order'} seed ${seed}, generator ${generator_seed}${drop_last ? ', drop_last' : ''}`;
