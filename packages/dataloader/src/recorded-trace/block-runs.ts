// Names every run of `length` consecutive blocks, so that equal runs have equal numbers: doubling, as suffix arrays are made.
import type { TraceLayout } from './trace-layout.ts';
import { TupleTable } from './tuple-table.ts';

export interface BlockRuns {
  readonly length: number;
  /** Per line: the run that begins there, −1 where its sequence is too short or the run is one block over and over. */
  readonly run: Int32Array;
  /**
   * Per line: the run that ends before it, in the worker's whole stream, from epoch to epoch; −1 where the stream is too
   * young.
   */
  readonly before: Int32Array;
  readonly distinct: number;
}

/** First line after the stream of each sequence: the worker's sequences between two resumes. */
function streamEnds({ sequences: { replicate, phase, worker }, start }: TraceLayout): Int32Array {
  const ends = new Int32Array(replicate.length);
  for (let s = replicate.length - 1; s >= 0; s--) {
    const next = s + 1;
    const goesOn =
      next < replicate.length &&
      replicate[s] === replicate[next] &&
      phase[s] === phase[next] &&
      worker[s] === worker[next];
    ends[s] = goesOn ? ends[next] : start[next];
  }
  return ends;
}

function joined(left: Int32Array, offset: number): { readonly run: Int32Array; readonly distinct: number } {
  const table = new TupleTable(2);
  const run = new Int32Array(left.length).fill(-1);
  for (let line = 0; line + offset < left.length; line++) {
    if (left[line] >= 0 && left[line + offset] >= 0) run[line] = table.idOf(left[line], left[line + offset]);
  }
  return { run, distinct: table.size };
}

/** @param length at least 2 */
export function nameBlockRuns(layout: TraceLayout, length: number): BlockRuns {
  const { block, sequenceOf, start } = layout;
  let named = { run: block, distinct: layout.distinctBlocks };
  let reach = 1;
  while (reach < length) {
    const offset = Math.min(reach, length - reach);
    named = joined(named.run, offset);
    reach += offset;
  }
  const ends = streamEnds(layout);
  const run = named.run;
  const before = new Int32Array(block.length).fill(-1);
  for (let line = length; line < block.length; line++) {
    const from = line - length;
    if (line < ends[sequenceOf[from]]) before[line] = run[from];
  }
  let equal = 0;
  for (let line = block.length - 1; line >= 0; line--) {
    equal = line + 1 < block.length && block[line] === block[line + 1] ? equal + 1 : 1;
    if (equal >= length || line + length > start[sequenceOf[line] + 1]) run[line] = -1;
  }
  return { length, run, before, distinct: named.distinct };
}
