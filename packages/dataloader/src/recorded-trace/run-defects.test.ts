// Defects that show between runs, over a resume and in the sample: seeds, resumes, index-tied and constant draws.
import { NumpyRandomState } from '@reseed/rng';
import { describe, expect, it } from 'vitest';
import { auditTrace } from './audit-trace.ts';
import {
  chunked,
  DRAW_KINDS,
  type DrawKind,
  fresh,
  modern,
  recordSynthetic,
  type SyntheticLine,
  type SyntheticRun,
} from './synthetic-trace.ts';
import type { TraceAudit } from './trace-audit.ts';

const audit = (lines: readonly SyntheticLine[]): Promise<TraceAudit> =>
  auditTrace(chunked(lines.map((line) => JSON.stringify(line))));

const sizes = { samples: 512, batchSize: 8, workers: 4, epochs: 4, order: 'shuffled' } as const;

type Labels = Pick<SyntheticLine, 'run' | 'seed' | 'resume'>;
const record = (kind: DrawKind, labels: Labels, run: Partial<SyntheticRun> & Pick<SyntheticRun, 'stream'>) =>
  recordSynthetic({ ...sizes, kind, ...run }).map((line) => ({ ...line, ...labels }));

const seedsOf = (seeds: readonly number[], linesOf: (seed: number) => SyntheticLine[]) => seeds.flatMap(linesOf);

describe.each(DRAW_KINDS)('seeds, drawn as %s', (kind) => {
  it('runs of different seeds with their own streams are clean', async () => {
    const lines = seedsOf([0, 1, 12345], (seed) => record(kind, { seed }, { stream: modern(seed), orderSeed: seed }));
    const answer = await audit(lines);
    expect(answer.explanations).toEqual([]);
    expect(answer.runs.map(({ seed }) => seed)).toEqual([0, 1, 12345]);
  });

  it('a seed that is overwritten by 2^31 + worker reaches nobody, and epochs repeat', async () => {
    const stream = (_: number, worker: number) => new NumpyRandomState(2147483648 + worker);
    const lines = seedsOf([0, 1, 12345], (seed) => record(kind, { seed }, { stream, orderSeed: seed }));
    expect((await audit(lines)).explanations).toEqual([[2, 3]]);
  });

  it('fresh streams that do not depend on the seed', async () => {
    const lines = seedsOf([0, 1], (seed) => record(kind, { seed }, { stream: modern(5), orderSeed: seed }));
    expect((await audit(lines)).explanations).toEqual([[3]]);
  });

  it('one stream for all workers, epochs and seeds is also what a reset at the start of each epoch gives', async () => {
    const stream = () => new NumpyRandomState(1);
    const lines = seedsOf([0, 1], (seed) => record(kind, { seed }, { stream, orderSeed: seed }));
    expect((await audit(lines)).explanations).toEqual([[1, 2, 3], [4]]);
  });

  it('seed + worker meets the stream of the next seed', async () => {
    const lines = seedsOf([0, 1], (seed) =>
      record(kind, { seed }, { stream: (_, worker) => new NumpyRandomState(seed + worker), orderSeed: seed }),
    );
    const answer = await audit(lines);
    expect(answer.explanations).toEqual([[2, 7]]);
    expect(answer.evidence.join('\n')).toMatch(
      /under another seed, e\.g\. epoch 0, worker 1 of seed 0 = epoch \d, worker 0 of seed 1/,
    );
  });

  it('two runs of one seed may draw the same', async () => {
    const lines = ['a', 'b'].flatMap((run) => record(kind, { run, seed: 4 }, { stream: modern(4) }));
    expect((await audit(lines)).explanations).toEqual([]);
  });

  it('two runs without a seed label that draw the same get a note', async () => {
    const lines = ['a', 'b'].flatMap((run) => record(kind, { run }, { stream: modern(4) }));
    const { explanations, notes } = await audit(lines);
    expect(explanations).toEqual([]);
    expect(notes.join('\n')).toContain('Runs without a seed label draw the same');
  });

  it('a component that sets one constant in the middle of each run makes seeds equal from there on', async () => {
    const lines = seedsOf([0, 1, 2], (seed) => {
      const stream = fresh(seed, 8);
      return record(
        kind,
        { seed },
        {
          workers: 0,
          orderSeed: seed,
          stream: () => stream,
          before: (s, { epoch, position }) => {
            if (epoch === 2 && position === 100 + 30 * seed) s.seed(77);
          },
        },
      );
    });
    expect((await audit(lines)).explanations).toEqual([[4]]);
  });
});

describe.each(DRAW_KINDS)('draws that follow the sample, drawn as %s', (kind) => {
  /** Seeds the generator anew for each sample. */
  const tied = (words: (place: SyntheticLine) => number[]): Partial<SyntheticRun> & Pick<SyntheticRun, 'stream'> => ({
    stream: () => fresh(1),
    before: (stream, place) => stream.seed(words(place)),
  });

  it('shuffled', async () => {
    const run = tied(({ index }) => [index, 3]);
    expect((await audit(record(kind, {}, run))).explanations).toEqual([[5]]);
  });

  it('in file order, where it cannot be told from repeated epochs', async () => {
    const run = tied(({ index }) => [index, 3]);
    expect((await audit(record(kind, {}, { ...run, order: 'sequential' }))).explanations).toEqual([[2], [5]]);
  });

  it('with the seed', async () => {
    const lines = seedsOf([0, 1], (seed) =>
      record(kind, { seed }, { ...tied(({ index }) => [index, seed, 3]), orderSeed: seed }),
    );
    expect((await audit(lines)).explanations).toEqual([[5]]);
  });

  it.each([
    { order: 'shuffled', sets: [[3, 5]] },
    {
      order: 'sequential',
      sets: [
        [2, 3],
        [3, 5],
      ],
    },
  ] as const)('whatever the seed, $order', async ({ order, sets }) => {
    const lines = seedsOf([0, 1], (seed) =>
      record(kind, { seed }, { ...tied(({ index }) => [index, 3]), orderSeed: seed, order }),
    );
    expect((await audit(lines)).explanations).toEqual(sets);
  });

  it('and with the epoch, they are fresh', async () => {
    const run = tied(({ index, epoch }) => [index, epoch, 3]);
    expect((await audit(record(kind, {}, run))).explanations).toEqual([]);
  });
});

describe.each(DRAW_KINDS)('resumes, drawn as %s', (kind) => {
  const part = (resume: number | boolean | string, run: Partial<SyntheticRun> & Pick<SyntheticRun, 'stream'>) =>
    record(kind, { resume }, run);
  const first = (stream: SyntheticRun['stream']) => part(0, { stream, epochs: 3 });
  const rest = (stream: SyntheticRun['stream']) => part(1, { stream, epochs: 3, firstEpoch: 3 });
  const shiftedBack: SyntheticRun['stream'] = (epoch, worker) => modern(2)(epoch - 3, worker);

  it('that go on are clean', async () => {
    expect((await audit([...first(modern(2)), ...rest(modern(2))])).explanations).toEqual([]);
  });

  it('that start the streams over', async () => {
    const answer = await audit([...first(modern(2)), ...rest(shiftedBack)]);
    expect(answer.explanations).toEqual([[6]]);
    expect(answer.evidence.join('\n')).toContain('before a resume');
  });

  it('that start over in the middle of an epoch, with the samples that were left', async () => {
    const whole = part(0, { stream: modern(2), epochs: 1 });
    const left = part('crash', { stream: modern(2), epochs: 1 }).map((line, at) => ({
      ...line,
      index: whole[256 + (at % 256)].index,
    }));
    expect((await audit([...whole.slice(0, 256), ...left.slice(0, 256)])).explanations).toEqual([[6]]);
  });

  it('that do an interrupted epoch again with the same draws are clean, and count it once', async () => {
    const interrupted = part(0, { stream: modern(2), epochs: 1, firstEpoch: 3 }).slice(0, 300);
    const answer = await audit([...first(modern(2)), ...interrupted, ...rest(modern(2))]);
    expect(answer.explanations).toEqual([]);
    expect(answer.runs[0].draws).toBe(6 * sizes.samples);
    expect(answer.lines).toBe(6 * sizes.samples + 300);
  });

  it('after a single epoch cannot be told from repetition', async () => {
    const before = part(false, { stream: modern(2), epochs: 1 });
    const after = part(true, { stream: (_, worker) => modern(2)(0, worker), epochs: 1, firstEpoch: 1 });
    expect((await audit([...before, ...after])).explanations).toEqual([[2], [6]]);
  });

  it('are not blamed where epochs repeat anyway', async () => {
    const constant: SyntheticRun['stream'] = (_, worker) => fresh(1, worker, 4);
    expect((await audit([...first(constant), ...rest(constant)])).explanations).toEqual([[2]]);
  });

  it('that set the generator of the main process back', async () => {
    const inMain = (resume: number, firstEpoch: number) => {
      const stream = fresh(1);
      return part(resume, { stream: () => stream, workers: 0, epochs: 2, firstEpoch });
    };
    expect((await audit([...inMain(0, 0), ...inMain(1, 2)])).explanations).toEqual([[6]]);
  });
});
