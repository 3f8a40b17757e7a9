// Larger made-up runs: every rule by which streams go wrong, drawn as raw words, as parameters, as a coin and as digests.
import { NumpyRandomState } from '@reseed/rng';
import { describe, expect, it } from 'vitest';
import { auditTrace } from './audit-trace.ts';
import {
  chunked,
  DRAW_KINDS,
  type DrawKind,
  drawBlock,
  fresh,
  modern,
  recordSynthetic,
  type SyntheticLine,
  type SyntheticRun,
} from './synthetic-trace.ts';

type Run = Omit<SyntheticRun, 'kind' | 'order' | 'stream'>;

async function explain(lines: readonly SyntheticLine[]): Promise<readonly (readonly number[])[]> {
  return (await auditTrace(chunked(lines.map((line) => JSON.stringify(line))))).explanations;
}

const long: Run = { samples: 640, batchSize: 8, workers: 4, epochs: 4 };
const short: Run = { samples: 64, batchSize: 4, workers: 4, epochs: 6 };
const single: Run = { ...long, workers: 1, samples: 320, epochs: 6 };
const inMain: Run = { ...long, workers: 0 };

/** A worker's stream after `blocks` draws. */
function after(stream: NumpyRandomState, blocks: number, kind: DrawKind): NumpyRandomState {
  for (let i = 0; i < blocks; i++) drawBlock(stream, kind);
  return stream;
}

/** One stream per worker that goes on from epoch to epoch. */
function persistent(create: (worker: number) => NumpyRandomState): SyntheticRun['stream'] {
  const streams = new Map<number, NumpyRandomState>();
  return (_, worker) => {
    const known = streams.get(worker) ?? create(worker);
    streams.set(worker, known);
    return known;
  };
}

interface Case {
  readonly name: string;
  readonly run: Run;
  readonly stream: (kind: DrawKind) => SyntheticRun['stream'];
  readonly before?: SyntheticRun['before'];
  /** Shuffled, and in file order where that differs. */
  readonly shuffled: number[][];
  readonly sequential?: number[][];
}

const seeded = (seed: (epoch: number, worker: number) => number) => (): SyntheticRun['stream'] => (epoch, worker) =>
  new NumpyRandomState(seed(epoch, worker));

const inherited = seeded(() => 42);
const wholeStreams: Case[] = [
  { name: 'a stream of its own each', run: long, stream: () => modern(3), shuffled: [] },
  { name: 'one stream in the main process', run: inMain, stream: () => persistent(() => fresh(1)), shuffled: [] },
  { name: 'persistent workers', run: long, stream: () => persistent((worker) => fresh(1, worker, 9)), shuffled: [] },
  { name: 'inherited', run: long, stream: inherited, shuffled: [[1, 2], [4]] },
  { name: 'inherited by one worker', run: single, stream: inherited, shuffled: [[2]], sequential: [[2], [5]] },
  {
    name: 'shared and persistent',
    run: { ...long, samples: 650 },
    stream: () => {
      const shared = persistent(() => new NumpyRandomState(42));
      return shared;
    },
    shuffled: [[1]],
  },
  { name: 'shared in each epoch', run: long, stream: seeded((epoch) => 100 + epoch), shuffled: [[1]] },
  {
    name: 'two of four workers share',
    run: long,
    stream: seeded((e, w) => 1000 * e + Math.max(1, w)),
    shuffled: [[1]],
  },
  { name: 'seed + worker', run: long, stream: seeded((_, w) => 1000 + w), shuffled: [[2]], sequential: [[2], [5]] },
  {
    name: 'every third epoch',
    run: long,
    stream: seeded((e, w) => 50 * (e % 3) + w),
    shuffled: [[2]],
    sequential: [[2], [5]],
  },
  { name: 'seed + epoch + worker', run: long, stream: seeded((e, w) => 42 + e + w), shuffled: [[7]] },
  { name: 'seed + epoch − worker', run: long, stream: seeded((e, w) => 42 + e - w), shuffled: [[7]] },
  { name: 'seed + epoch + worker, one worker', run: single, stream: seeded((e, w) => 42 + e + w), shuffled: [] },
  {
    name: 'epochs repeat in the main process',
    run: inMain,
    stream: inherited,
    shuffled: [[2], [4]],
    sequential: [[2], [4], [5]],
  },
  {
    name: 'windows of one sequence',
    run: single,
    stream: (kind) => (e) => after(new NumpyRandomState(5), 31 * e, kind),
    shuffled: [[7]],
  },
  {
    name: 'windows of one shared sequence',
    run: long,
    stream: (kind) => (e) => after(new NumpyRandomState(5), 31 * e, kind),
    shuffled: [[1, 7]],
  },
  {
    name: 'each worker a window',
    run: { ...long, epochs: 2 },
    stream: (kind) => (e, w) => after(new NumpyRandomState(50 + e), 31 * w, kind),
    shuffled: [[7]],
  },
];

const restart = (seed: (place: SyntheticLine) => number[]) => (stream: NumpyRandomState, place: SyntheticLine) =>
  stream.seed(seed(place));
const when =
  (
    places: (place: SyntheticLine & { position: number }) => boolean,
    action: ReturnType<typeof restart>,
  ): SyntheticRun['before'] =>
  (stream, place) => {
    if (places(place)) action(stream, place);
  };
const constant = restart(() => [123]);
let served = 0;

const restarts: Case[] = [
  {
    name: 'every 70 draws, to a constant',
    run: long,
    stream: () => modern(3),
    before: when(({ position }) => position % 70 === 0 && position > 0, constant),
    shuffled: [[4]],
  },
  {
    name: 'every 70 draws and at the start',
    run: long,
    stream: () => modern(3),
    before: when(({ position }) => position % 70 === 0, constant),
    shuffled: [[4]],
  },
  {
    name: "every 75 draws, to the worker's own start",
    run: long,
    stream: () => modern(3),
    before: when(
      ({ position }) => position % 75 === 0,
      restart(({ epoch, worker }) => [epoch, worker, 5]),
    ),
    shuffled: [[4]],
  },
  {
    name: 'once an epoch, at one place',
    run: long,
    stream: () => modern(3),
    before: when(({ position }) => position === 60, constant),
    shuffled: [[4]],
  },
  {
    name: 'once an epoch, at irregular places',
    run: single,
    stream: () => modern(3),
    before: when(({ position, epoch }) => position === [40, 180, 77, 12, 133, 99][epoch], constant),
    shuffled: [[4]],
  },
  {
    name: 'in the main process, whatever the epoch',
    run: inMain,
    stream: () => persistent(() => fresh(1)),
    before: when(() => served++ % 1000 === 700, constant),
    shuffled: [[4]],
  },
  {
    name: 'to the seed of the run, long after',
    run: inMain,
    stream: () => persistent(() => new NumpyRandomState([9])),
    before: when(
      ({ epoch, position }) => epoch === 3 && position === 200,
      restart(() => [9]),
    ),
    shuffled: [[4]],
  },
];

const cases = [...wholeStreams, ...restarts].flatMap((one) =>
  DRAW_KINDS.flatMap((kind) =>
    (['shuffled', 'sequential'] as const).map((order) => ({
      ...one,
      kind,
      order,
      title: `${one.name} (${kind}, ${order})`,
    })),
  ),
);

describe('streams', () => {
  it.each(cases)('$title', async ({ run, stream, before, kind, order, shuffled, sequential = shuffled }) => {
    served = 0;
    const lines = recordSynthetic({
      ...run,
      kind,
      order,
      stream: stream(kind),
      ...(before === undefined ? {} : { before }),
    });
    expect(await explain(lines)).toEqual(order === 'shuffled' ? shuffled : sequential);
  });
});

describe('short streams', () => {
  const named = new Set([
    'a stream of its own each',
    'inherited',
    'shared in each epoch',
    'seed + worker',
    'seed + epoch + worker',
  ]);
  it.each(cases.filter(({ name }) => named.has(name)))(
    '$title',
    async ({ stream, kind, order, shuffled, sequential = shuffled }) => {
      const lines = recordSynthetic({ ...short, kind, order, stream: stream(kind) });
      expect(await explain(lines)).toEqual(order === 'shuffled' ? shuffled : sequential);
    },
  );
});
