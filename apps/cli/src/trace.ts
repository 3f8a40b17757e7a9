// `reseed trace`: what a DataLoader yields in a mode, to be compared with real PyTorch.
import { type Trace, type TraceOptions, traceLoader } from '@reseed/dataloader';

const SHOWN = 40;

/** A trace for people: a line per sample, as many as a screen holds. */
function describeTrace({ mode, N, B, W, seed, epochs }: Trace): string[] {
  const rows = epochs.flatMap(({ index, worker, draws }, epoch) =>
    index.map((sample, position) => [
      epoch,
      Math.floor(position / B),
      worker[position],
      sample,
      draws[position].join(' '),
    ]),
  );
  const line = (cells: readonly unknown[]) => cells.map((cell, i) => String(cell).padStart(i < 4 ? 6 : 0)).join('  ');
  const more = rows.length > SHOWN ? [`… ${rows.length - SHOWN} more samples; --json prints all`] : [];
  return [
    `${mode}: ${N} samples in batches of ${B}, ${W} workers, seed ${seed}`,
    line(['epoch', 'batch', 'worker', 'index', 'draws']),
    ...rows.slice(0, SHOWN).map(line),
    ...more,
  ];
}

/** @throws LoaderRangeError, NoFullBatchError */
export function printTrace(options: TraceOptions, format: 'json' | 'table'): void {
  const trace = traceLoader(options);
  if (format === 'json') console.log(JSON.stringify(trace));
  else for (const line of describeTrace(trace)) console.log(line);
}
