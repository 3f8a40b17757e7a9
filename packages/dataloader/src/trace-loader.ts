// What the DataLoader yields in a mode, sample by sample, in the shape of a trace recorded from real PyTorch.
import { createLoader } from './create-loader.ts';
import type { DrawProgram, LoaderMode } from './loader-options.ts';

/** Who draws: NumPy, torch or Python's random per sample, NumPy once per batch, or the parent for all samples. */
export type TraceKind = 'np' | 'torch' | 'py' | 'col' | 'pre';

/** One number of each sort that augmentations draw, so that word consumption varies as theirs does. */
type TraceProgram = DrawProgram<number[], number[]>;

export const TRACE_PROGRAMS: Readonly<Record<TraceKind, TraceProgram>> = {
  np: {
    sample: (stream) => [stream.randint(0, 9), stream.randint(0, 9), stream.randint(0, 2), stream.nextUint32()],
  },
  torch: {
    sample: (stream) => [
      stream.randint(0, 9),
      stream.randint(0, 9),
      Number(stream.randomSample() < 0.5),
      stream.nextUint32() & 0x7fffffff,
    ],
  },
  py: {
    sample: (stream) => [
      stream.randint(0, 9),
      stream.randint(0, 9),
      Number(stream.randomSample() < 0.5),
      stream.nextUint32(),
    ],
  },
  col: {
    sample: () => [],
    batch: (stream) => [stream.nextUint32(), stream.randint(0, 28), stream.randint(0, 28)],
  },
  pre: {
    sample: (stream) => [stream.randint(0, 9), stream.randint(0, 9), 1 - stream.randint(0, 2)],
    // choice([True, False]): option 0 is True.
    choices: { counts: [9, 9, 2], parametersOf: ([dy, dx, flip]) => [dy, dx, 1 - flip] },
  },
};

const numpy = (seedingMode: LoaderMode) => ({ seedingMode, kind: 'np' }) as const;

/** The modes in which real traces were recorded. */
const TRACE_MODE_TABLE = {
  inherited: numpy('inherited'),
  inherited_persistent: numpy('inherited_persistent'),
  inherited_main_draws: numpy('inherited_main_draws'),
  const_worker: numpy('const_worker'),
  const_worker_persistent: numpy('const_worker_persistent'),
  blog_state0: numpy('blog_state0'),
  blog_epoch: numpy('blog_epoch'),
  blog_state0_on_modern: numpy('blog_state0_on_modern'),
  blog_epoch_on_modern: numpy('blog_epoch_on_modern'),
  docs_seed_worker: numpy('docs_seed_worker'),
  initial_seed_div32: numpy('initial_seed_div32'),
  seed_sequence_rkern: numpy('seed_sequence_rkern'),
  lightning: numpy('lightning'),
  modern: numpy('modern'),
  modern_persistent: numpy('modern_persistent'),
  torch_rng: { seedingMode: 'torch_rng', kind: 'torch' },
  python_rng: { seedingMode: 'python_rng', kind: 'py' },
  inherited_collate: { seedingMode: 'inherited', kind: 'col' },
  blog_epoch_collate: { seedingMode: 'blog_epoch', kind: 'col' },
  modern_collate: { seedingMode: 'modern', kind: 'col' },
  main_precomputed: { seedingMode: 'main_precomputed', kind: 'pre' },
} as const satisfies Record<string, { readonly seedingMode: LoaderMode; readonly kind: TraceKind }>;

export type TraceMode = keyof typeof TRACE_MODE_TABLE;
export const TRACE_MODES = Object.keys(TRACE_MODE_TABLE) as TraceMode[];

export interface TraceOptions {
  readonly mode: TraceMode;
  readonly seed: number;
  readonly samples: number;
  readonly batchSize: number;
  readonly workers: number;
  readonly epochs: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  /** Of a `generator=` handed to the DataLoader. */
  readonly generatorSeed?: number;
  /** C of the constant modes; the seed unless given. */
  readonly constant?: number;
}

/** One epoch in the order of yielding. */
export interface TracedEpoch {
  readonly index: number[];
  /** −1: the main process */
  readonly worker: number[];
  readonly draws: number[][];
}

export interface Trace {
  readonly mode: TraceMode;
  readonly kind: TraceKind;
  readonly N: number;
  readonly B: number;
  readonly W: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly generator_seed: number | null;
  readonly drop_last: boolean;
  /** No draw depends on it. */
  readonly prefetch: null;
  readonly epochs: TracedEpoch[];
}

/**
 * The trace of any DataLoader over map-style data, as PyTorch 1.13 to 2.13 gives it (versions below 1.9 in the modes that
 * do not seed NumPy in workers).
 * @throws LoaderRangeError, NoFullBatchError
 */
export function traceLoader(options: TraceOptions): Trace {
  const { mode, seed, samples, batchSize, workers, epochs, shuffle, dropLast, generatorSeed, constant } = options;
  const { seedingMode, kind } = TRACE_MODE_TABLE[mode];
  const loader = createLoader({
    seed,
    sampleCount: samples,
    batchSize,
    loader: {
      workers,
      order: 'torch_exact',
      shuffle: shuffle ? 'reshuffle' : 'sequential',
      dropLast,
      batchRepeat: 1,
    },
    seedingMode,
    draws: TRACE_PROGRAMS[kind],
    ...(generatorSeed === undefined ? {} : { generatorSeed }),
    ...(constant === undefined ? {} : { constant }),
  });
  const traced = Array.from({ length: epochs }, (_, epoch): TracedEpoch => {
    const recorded: TracedEpoch = { index: [], worker: [], draws: [] };
    for (const { indices, worker, parameters, batchParameters } of loader.epoch(epoch)) {
      indices.forEach((index, position) => {
        recorded.index.push(index);
        recorded.worker.push(worker);
        recorded.draws.push(batchParameters ?? parameters[position]);
      });
    }
    return recorded;
  });
  const sizes = { N: samples, B: batchSize, W: workers, shuffle, seed };
  return {
    mode,
    kind,
    ...sizes,
    generator_seed: generatorSeed ?? null,
    drop_last: dropLast,
    prefetch: null,
    epochs: traced,
  };
}
