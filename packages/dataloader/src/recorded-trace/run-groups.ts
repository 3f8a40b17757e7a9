// Groups the places at which each run of blocks begins.
import type { BlockRuns } from './block-runs.ts';

export interface RunGroups {
  /** Lines, group by group, rising inside a group. */
  readonly lines: Int32Array;
  /** First entry of each group in `lines`. */
  readonly start: Int32Array;
}

/** @param superseded lines marked 1 are left out */
export function groupRuns({ run, distinct }: BlockRuns, superseded: Uint8Array): RunGroups {
  const start = new Int32Array(distinct + 1);
  for (let line = 0; line < run.length; line++) if (run[line] >= 0 && superseded[line] === 0) start[run[line] + 1]++;
  for (let id = 0; id < distinct; id++) start[id + 1] += start[id];
  const next = start.slice();
  const lines = new Int32Array(start[distinct]);
  for (let line = 0; line < run.length; line++)
    if (run[line] >= 0 && superseded[line] === 0) lines[next[run[line]]++] = line;
  return { lines, start };
}

/** The runs without those that repeat only where the same sample is met: there the draws follow the sample, not a stream. */
export function forgetTiedRuns(runs: BlockRuns, index: Int32Array, { lines, start }: RunGroups): BlockRuns {
  const run = runs.run.slice();
  for (let id = 0; id + 1 < start.length; id++) {
    const members = lines.subarray(start[id], start[id + 1]);
    if (members.length < 2 || members.some((line) => index[line] !== index[members[0]])) continue;
    for (const line of members) run[line] = -1;
  }
  return { ...runs, run };
}
