// Groups the lines of a trace by what they load: the same sample in all epochs of a run, or in one epoch of all runs.
import type { TraceLayout } from './trace-layout.ts';
import { TupleTable } from './tuple-table.ts';

export interface LineGroups {
  /** Lines, group by group, rising inside a group; superseded ones are left out. */
  readonly lines: Int32Array;
  /** First entry of each group in `lines` and, last, their number. */
  readonly start: Int32Array;
}

/** @param by the run, or the epoch: groups share it and the index */
export function groupSamples(
  { sequences, sequenceOf, index, superseded }: TraceLayout,
  by: 'replicate' | 'epoch',
): LineGroups {
  const other = sequences[by];
  const ids = new TupleTable(2);
  const group = new Int32Array(index.length);
  let kept = 0;
  for (let line = 0; line < index.length; line++) {
    if (superseded[line] === 1) group[line] = -1;
    else {
      group[line] = ids.idOf(other[sequenceOf[line]], index[line]);
      kept++;
    }
  }
  const start = new Int32Array(ids.size + 1);
  for (let line = 0; line < group.length; line++) if (group[line] >= 0) start[group[line] + 1]++;
  for (let id = 0; id < ids.size; id++) start[id + 1] += start[id];
  const lines = new Int32Array(kept);
  const next = start.slice();
  for (let line = 0; line < group.length; line++) if (group[line] >= 0) lines[next[group[line]]++] = line;
  return { lines, start };
}
