// The grid of a recorded trace: which draw block stands at which position of which epoch.
import { type DrawGrid, SHOWN_EPOCHS, SHOWN_POSITIONS } from './draw-grid.ts';
import { readTraceLine, type TraceLine } from './recorded-trace/read-trace-line.ts';
import { LineSplitter } from './recorded-trace/split-lines.ts';

export interface RecordedGrid {
  readonly grid: DrawGrid;
  /** The labels of the run that is shown: the first of the trace, before any resume. */
  readonly run: string;
}

const runOf = ({ run, seed, resume }: TraceLine): string =>
  [
    ...(run === undefined ? [] : [`run ${run}`]),
    ...(seed === undefined ? [] : [`seed ${seed}`]),
    ...(resume === undefined || resume === false || resume === 0 ? [] : [`resume ${resume}`]),
  ].join(', ');

/**
 * Positions are those of the lines: worker by worker when a trace was put together from the files of its workers.
 * @throws TraceLineError
 */
export async function gridOfTrace(chunks: AsyncIterable<string | Uint8Array>): Promise<RecordedGrid> {
  const splitter = new LineSplitter();
  const epochs = new Map<number, { readonly blocks: string[]; positions: number }>();
  let shown: string | undefined;
  const take = (text: string, line: number): void => {
    if (text.trim() === '') return;
    const trace = readTraceLine(text, line, () => {});
    shown ??= runOf(trace);
    if (runOf(trace) !== shown) return;
    const epoch = epochs.get(trace.epoch) ?? { blocks: [], positions: 0 };
    epochs.set(trace.epoch, epoch);
    epoch.positions++;
    if (epoch.blocks.length < SHOWN_POSITIONS) epoch.blocks.push(trace.digest ?? JSON.stringify(trace.draws));
  };
  for await (const chunk of chunks) splitter.push(chunk, take);
  splitter.end(take);
  const inOrder = [...epochs].sort(([a], [b]) => a - b).map(([, epoch]) => epoch);
  const grid: DrawGrid = {
    blocks: inOrder.slice(0, SHOWN_EPOCHS).map(({ blocks }) => blocks),
    epochs: inOrder.length,
    positions: Math.max(0, ...inOrder.map(({ positions }) => positions)),
  };
  return { grid, run: shown ?? '' };
}
