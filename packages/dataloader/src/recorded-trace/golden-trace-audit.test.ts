// The audit of all traces that the real DataLoader of PyTorch gave, in 21 modes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditTrace } from './audit-trace.ts';
import { chunked } from './synthetic-trace.ts';

interface GoldenTrace {
  mode: string;
  N: number;
  B: number;
  W: number;
  shuffle: boolean;
  seed: number;
  drop_last: boolean;
  epochs: { index: number[]; worker: number[]; draws: number[][] }[];
}
const { traces } = JSON.parse(
  readFileSync(new URL('../../golden/dataloader_traces.json', import.meta.url), 'utf8'),
) as { traces: GoldenTrace[] };

/** How a trace is written: what stands in a line, and whether lines come as yielded or one worker after the other. */
type Recording = 'draws and batch' | 'draws, file by file' | 'digest';

function linesOf({ epochs, B }: GoldenTrace, recording: Recording): string[] {
  const lines = epochs.flatMap(({ index, worker, draws }, epoch) =>
    index.map((sample, position) => {
      const content = recording === 'digest' ? { digest: draws[position].join('-') } : { draws: draws[position] };
      const batch = recording === 'draws and batch' ? { batch: Math.floor(position / B) } : {};
      return { epoch, worker: worker[position], index: sample, ...batch, ...content };
    }),
  );
  if (recording === 'draws, file by file') lines.sort((a, b) => a.worker - b.worker);
  return lines.map((line) => JSON.stringify(line));
}

/** Whether two epochs hold a same block: then windows of one sequence overlap. */
function overlaps({ epochs }: GoldenTrace): boolean {
  const blocks = epochs.map(({ draws }) => new Set(draws.map((block) => block.join())));
  return blocks.some((block, epoch) =>
    blocks.slice(0, epoch).some((earlier) => [...block].some((b) => earlier.has(b))),
  );
}

/** The sets of variants that explain the trace. */
function expected(trace: GoldenTrace): number[][] {
  const { mode, W, shuffle } = trace;
  const repeated = shuffle ? [[2]] : [[2], [5]];
  switch (mode) {
    case 'inherited':
      return W > 1 ? [[1, 2], [4]] : repeated;
    case 'inherited_collate':
      return W > 1 ? [[1, 2], [4]] : [[2]];
    case 'inherited_persistent':
      return W > 1 ? [[1]] : [];
    case 'inherited_main_draws': {
      const set = [...(W > 1 ? [1] : []), ...(W > 0 && overlaps(trace) ? [7] : [])];
      return set.length === 0 ? [] : [set];
    }
    case 'const_worker':
    case 'blog_state0':
    case 'blog_state0_on_modern':
    case 'blog_epoch_on_modern':
      return repeated;
    case 'blog_epoch':
    case 'blog_epoch_collate':
      return W > 1 ? [[7]] : [];
    default:
      return [];
  }
}

/**
 * Two blocks of two windows overlap here, 2 of 48 digests. Words of 32 bits show that this is no chance; digests may be those
 * of draws with few outcomes.
 */
const tooFewDigests = ({ mode, N, W }: GoldenTrace): boolean => mode === 'inherited_main_draws' && N === 16 && W === 4;

const nameOf = ({ mode, N, B, W, shuffle, seed, drop_last }: GoldenTrace): string =>
  `${mode} N=${N} B=${B} W=${W} ${shuffle ? 'shuffled' : 'in order'} seed ${seed}${drop_last ? ', drop_last' : ''}`;

describe('traces of the real DataLoader', () => {
  it('are 292 in 21 modes', () => {
    expect(traces).toHaveLength(292);
    expect(new Set(traces.map(({ mode }) => mode)).size).toBe(21);
  });

  describe.each(['draws and batch', 'draws, file by file', 'digest'] as const)('%s', (recording) => {
    it.each(traces.map((trace) => ({ name: nameOf(trace), trace })))('$name', async ({ trace }) => {
      const audit = await auditTrace(chunked(linesOf(trace, recording)));
      const undecidable = recording === 'digest' && tooFewDigests(trace);
      expect(audit.explanations).toEqual(undecidable ? [[1]] : expected(trace));
      expect(audit.verdict).toBe(expected(trace).length === 0 ? 'clean' : 'defect');
    });
  });
});
