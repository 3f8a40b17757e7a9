// The share of draws that neighbouring batches repeat: the W − 1 batches before are those that the other workers prepared.
import type { TraceLayout } from './trace-layout.ts';

/**
 * @param epochs lines of each epoch of one run, in any order, and the number of workers W that drew them
 * @returns a share from 0 to 1; null when a line does not tell its batch
 */
export function shareInWindow(
  { block, batch }: Pick<TraceLayout, 'block' | 'batch'>,
  epochs: Iterable<{ readonly lines: Int32Array; readonly workers: number }>,
): number | null {
  let draws = 0;
  let repeated = 0;
  for (const { lines, workers } of epochs) {
    if (lines.some((line) => batch[line] < 0)) return null;
    draws += lines.length;
    if (workers < 2) continue;
    const ordered = lines.sort((a, b) => batch[a] - batch[b]);
    const lastBatch = new Map<number, number>();
    for (let from = 0; from < ordered.length; ) {
      const current = batch[ordered[from]];
      let to = from;
      for (; to < ordered.length && batch[ordered[to]] === current; to++) {
        const before = lastBatch.get(block[ordered[to]]);
        if (before !== undefined && before > current - workers) repeated++;
      }
      for (; from < to; from++) lastBatch.set(block[ordered[from]], current);
    }
  }
  return draws === 0 ? null : repeated / draws;
}
