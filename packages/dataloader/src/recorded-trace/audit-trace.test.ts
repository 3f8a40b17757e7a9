// The answer of the audit around its verdict: measures, chance, batches, notes, limits and what it never says of clean runs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditTrace } from './audit-trace.ts';
import { describeTraceAudit } from './describe-trace-audit.ts';
import {
  chunked,
  DRAW_KINDS,
  drawBlock,
  fresh,
  modern,
  recordSynthetic,
  type SyntheticLine,
} from './synthetic-trace.ts';

const audit = (lines: readonly unknown[], options = {}) =>
  auditTrace(chunked(lines.map((line) => JSON.stringify(line))), options);

const sizes = { samples: 64, batchSize: 4, workers: 2, epochs: 3, order: 'shuffled', kind: 'word' } as const;
const inherited = recordSynthetic({ ...sizes, stream: () => fresh(1) });
const clean = recordSynthetic({ ...sizes, stream: modern(1) });

describe('measures', () => {
  it('of workers and epochs that share one stream', async () => {
    const { lines, analysedLines, runs, chance } = await audit(inherited);
    expect({ lines, analysedLines }).toEqual({ lines: 192, analysedLines: 192 });
    expect(runs).toEqual([
      {
        run: null,
        seed: null,
        epochs: 3,
        workers: [0, 1],
        draws: 192,
        distinctBlocksPerEpoch: 32,
        distinctBlocksPerRun: 32,
        duplicatedSharePerEpoch: 0.5,
        repeatedSharePerRun: 1 - 32 / 192,
        usesPerBlock: { least: 6, most: 6 },
        distinctStreams: 1,
        meanDistinctParametersPerSample: expect.closeTo(2.9, 0),
        sameAsPreviousEpochShare: expect.any(Number),
        // Batches 1, 3, 5, … repeat the one before.
        duplicatesInWindowShare: 0.5,
      },
    ]);
    expect(chance).toMatchObject({ blocksComparedTogether: 2, streams: 6, observedDuplicatePairs: (32 * 6 * 5) / 2 });
  });

  it('of a clean run', async () => {
    const { runs, chance, verdict } = await audit(clean);
    expect(verdict).toBe('clean');
    expect(runs[0]).toMatchObject({
      distinctBlocksPerRun: 192,
      usesPerBlock: { least: 1, most: 1 },
      distinctStreams: 6,
      meanDistinctParametersPerSample: 3,
      sameAsPreviousEpochShare: 0,
      duplicatesInWindowShare: 0,
    });
    expect(chance.collisionProbability).toBeLessThanOrEqual(2 ** -24);
  });

  it('of more lines than the first tables hold', async () => {
    const lines = recordSynthetic({ ...sizes, samples: 40_000, stream: modern(1) });
    expect(await audit(lines)).toMatchObject({
      verdict: 'clean',
      analysedLines: 120_000,
      runs: [{ draws: 120_000, distinctBlocksPerEpoch: expect.closeTo(40_000, -1), distinctStreams: 6 }],
    });
  });

  it('tell nothing of windows without batches', async () => {
    const { runs } = await audit(inherited.map(({ batch, ...line }) => line));
    expect(runs[0].duplicatesInWindowShare).toBeNull();
  });

  it('count samples that kept their draws', async () => {
    const tied = recordSynthetic({ ...sizes, stream: () => fresh(1), before: (s, { index }) => s.seed([index, 2]) });
    expect((await audit(tied)).runs[0]).toMatchObject({
      sameAsPreviousEpochShare: 1,
      meanDistinctParametersPerSample: 1,
    });
  });
});

/** Draws made once per batch and written into each of its lines. */
function perBatch(lines: readonly SyntheticLine[], batchSize: number): SyntheticLine[] {
  return lines.map((line, at) => ({ ...line, draws: lines[at - (at % batchSize)].draws ?? [] }));
}

describe('draws per batch', () => {
  it.each(['word', 'crop_flip', 'coin'] as const)('are no repetition (%s)', async (kind) => {
    const lines = perBatch(recordSynthetic({ ...sizes, samples: 1024, kind, stream: modern(1) }), 4);
    for (const trace of [lines, lines.map(({ batch, ...line }) => line)]) {
      const { explanations, notes, runs } = await audit(trace);
      expect(explanations).toEqual([]);
      expect(notes.join('\n')).toContain('each batch counts as one draw');
      expect(runs[0].draws).toBe(256 * 3);
    }
  });

  it('with one batch per worker and epoch are clean when the batch is told', async () => {
    const lines = perBatch(recordSynthetic({ ...sizes, batchSize: 32, stream: modern(1) }), 32);
    expect((await audit(lines)).verdict).toBe('clean');
  });
});

describe('one block over and over', () => {
  it.each(DRAW_KINDS)('everywhere is a reset before each sample (%s)', async (kind) => {
    const lines = recordSynthetic({ ...sizes, kind, stream: () => fresh(1), before: (s) => s.seed([4]) });
    expect((await audit(lines)).explanations).toEqual([[4]]);
  });

  it.each(DRAW_KINDS)('in each stream is a reset to its own seed (%s)', async (kind) => {
    const lines = recordSynthetic({
      ...sizes,
      samples: 640,
      workers: 8,
      kind,
      stream: () => fresh(1),
      before: (s, { epoch, worker }) => s.seed([epoch, worker, 4]),
    });
    expect((await audit(lines)).explanations).toEqual([[4]]);
  });

  it('in a warm-up without augmentation is only noted', async () => {
    const lines = recordSynthetic({ ...sizes, samples: 640, epochs: 6, kind: 'crop_flip', stream: modern(1) });
    const { verdict, notes } = await audit(lines.map((line) => (line.epoch < 2 ? { ...line, draws: ['off'] } : line)));
    expect(verdict).toBe('clean');
    expect(notes.join('\n')).toContain('switched off');
  });
});

describe('chance', () => {
  it('makes two of many streams equal, which is noted and no defect', async () => {
    const lines = recordSynthetic({
      ...sizes,
      workers: 4,
      epochs: 100,
      stream: (epoch, worker) => (epoch === 70 && worker === 2 ? modern(1)(11, 3) : modern(1)(epoch, worker)),
    });
    const { verdict, notes } = await audit(lines);
    expect(verdict).toBe('clean');
    expect(notes.join('\n')).toContain('epoch 11, worker 3 = epoch 70, worker 2');
  });

  it('does not do it five times', async () => {
    const lines = recordSynthetic({
      ...sizes,
      workers: 4,
      epochs: 100,
      stream: (epoch, worker) =>
        epoch % 20 === 7 && worker === 2 ? modern(1)(epoch + 1, 3) : modern(1)(epoch, worker),
    });
    expect((await audit(lines)).explanations).toEqual([[7]]);
  });
});

describe('notes', () => {
  it('name unknown keys once, with the key that was meant', async () => {
    const { notes } = await audit(clean.map((line) => ({ ...line, sede: 1, Batch: 3, path: 'x' })));
    expect(notes.filter((note) => note.startsWith('Unknown key'))).toEqual([
      'Unknown key "sede" was ignored: did you mean "seed"?',
      'Unknown key "Batch" was ignored: did you mean "batch"?',
      'Unknown key "path" was ignored.',
    ]);
  });

  it('say what could not be checked', async () => {
    const [first] = clean;
    expect((await audit([first])).notes).toEqual([
      'Too few lines to tell anything.',
      'Not checked: shared_state_across_workers (only one worker drew), repetition_across_epochs (only one epoch was ' +
        'recorded), seed_never_reaches_workers (fewer than two seeds are labelled), resume_restarts_stream (no resume is labelled).',
    ]);
  });

  it('say that samples occur twice, as two runs in one file would look', async () => {
    const { notes } = await audit([...clean, ...recordSynthetic({ ...sizes, stream: modern(2) })]);
    expect(notes.join('\n')).toContain('if several runs share this file');
  });

  it('say that lines beyond the limit were not analysed, but read', async () => {
    const answer = await audit(inherited, { maxAnalysedLines: 100 });
    expect(answer).toMatchObject({ lines: 192, analysedLines: 100 });
    expect(answer.notes[0]).toContain('Only the first 100 of 192 lines');
    await expect(audit([...inherited, { epoch: 'x' }], { maxAnalysedLines: 100 })).rejects.toThrow('line 193, epoch');
    await expect(audit(inherited, { maxAnalysedLines: 0 })).rejects.toThrow(RangeError);
  });
});

describe('in words', () => {
  it('the verdict comes first, then variants, evidence, measures and notes', async () => {
    const text = describeTraceAudit(await audit(inherited));
    expect(text.slice(0, 5)).toEqual([
      'defect: shared_state_across_workers + repetition_across_epochs, or component_resets_generator',
      'The trace cannot tell apart: each of these explains it equally well.',
      expect.stringMatching(/^ {2}1 shared_state_across_workers: Several workers/),
      expect.stringMatching(/^ {2}2 repetition_across_epochs: /),
      expect.stringMatching(/^ {2}4 component_resets_generator: /),
    ]);
    expect(text.filter((line) => !line.startsWith(' ')).slice(2)).toEqual(['Evidence:', 'Measures:', 'Notes:']);
    expect(text.join('\n')).toContain('6 of 6 streams equal the stream of another worker in the same epoch');
  });

  it('of a clean trace', async () => {
    const text = describeTraceAudit(await audit(clean));
    expect(text[0]).toBe('clean: no repeated randomness in 192 lines');
    expect(text[2]).toContain('run: 192 draws in 3 epochs by 2 workers; 192 distinct blocks');
  });
});

describe('streams of their own for each epoch and worker', () => {
  it('are never called a defect, however few or many draws and outcomes', async () => {
    const sizesOfRun = fc.record({
      samples: fc.integer({ min: 1, max: 200 }),
      batchSize: fc.integer({ min: 1, max: 40 }),
      workers: fc.integer({ min: 0, max: 6 }),
      epochs: fc.integer({ min: 1, max: 6 }),
      order: fc.constantFrom('shuffled', 'sequential'),
      kind: fc.constantFrom(...DRAW_KINDS),
      seed: fc.nat(),
      told: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(sizesOfRun, async ({ seed, told, ...run }) => {
        const lines = recordSynthetic({ ...run, stream: modern(seed) });
        const { explanations, evidence } = await audit(told ? lines : lines.map(({ batch, ...line }) => line));
        expect({ explanations, evidence }).toEqual({ explanations: [], evidence: [] });
      }),
      { numRuns: 300 },
    );
  });

  it('nor one stream that goes on, drawing a random number of blocks in between', async () => {
    const arbitrary = fc.record({
      skips: fc.array(fc.nat(20), { minLength: 2, maxLength: 6 }),
      kind: fc.constantFrom(...DRAW_KINDS),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ skips, kind, seed }) => {
        const stream = fresh(seed);
        const lines = recordSynthetic({
          ...sizes,
          workers: 0,
          epochs: skips.length,
          kind,
          stream: (epoch) => {
            for (let i = 0; i < skips[epoch]; i++) drawBlock(stream, kind);
            return stream;
          },
        });
        expect((await audit(lines)).explanations).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
