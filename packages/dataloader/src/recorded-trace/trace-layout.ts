// The lines of a trace ordered by run, resume, worker and epoch, so that a worker's whole stream is one piece.
import type { Replicate } from './replicates.ts';
import { TupleTable } from './tuple-table.ts';

/** One entry per sequence: what one worker drew in one epoch of one run, between two resumes. */
export interface SequencePlaces {
  readonly replicate: Int32Array;
  /** How often the run had been resumed. */
  readonly phase: Int32Array;
  readonly epoch: Int32Array;
  readonly worker: Int32Array;
}

export interface TraceLayout extends TraceFacts {
  /** First line of each sequence and, last, the number of lines. */
  readonly start: Int32Array;
  /** Per line; lines of a sequence keep their order. */
  readonly sequenceOf: Int32Array;
  readonly block: Int32Array;
  readonly index: Int32Array;
  /** −1 = not told. */
  readonly batch: Int32Array;
  /** 1 for a sample whose epoch was done again after a resume: the later one counts. */
  readonly superseded: Uint8Array;
}

export interface TraceFacts {
  readonly replicates: readonly Replicate[];
  readonly sequences: SequencePlaces;
  readonly distinctBlocks: number;
  /** Most blocks hold a number of more than 24 bits, another one in each block. */
  readonly rawWords: boolean;
  /** Most blocks hold a number of more than 24 bits. */
  readonly largeNumbers: boolean;
}

/** Numbers kept of a line: sequence, index, batch (−1 = not told) and block. */
export const CELLS = 4;

export interface KeptLines {
  readonly pieces: readonly Int32Array[];
  readonly lines: number;
}

export function layOut({ pieces, lines }: KeptLines, { sequences: unordered, ...facts }: TraceFacts): TraceLayout {
  const { replicate, phase, worker, epoch } = unordered;
  const count = replicate.length;
  const order = Array.from({ length: count }, (_, id) => id).sort(
    (a, b) =>
      replicate[a] - replicate[b] || phase[a] - phase[b] || worker[a] - worker[b] || epoch[a] - epoch[b] || a - b,
  );
  const rank = new Int32Array(count);
  order.forEach((id, position) => (rank[id] = position));
  const ordered = (column: Int32Array) => Int32Array.from(order, (id) => column[id]);
  const sequences = {
    replicate: ordered(replicate),
    phase: ordered(phase),
    epoch: ordered(epoch),
    worker: ordered(worker),
  };
  const inPiece = (piece: Int32Array, number: number) =>
    Math.min(piece.length, lines * CELLS - number * pieces[0].length);
  const start = new Int32Array(count + 1);
  pieces.forEach((piece, number) => {
    const end = inPiece(piece, number);
    for (let at = 0; at < end; at += CELLS) start[rank[piece[at]] + 1]++;
  });
  for (let s = 0; s < count; s++) start[s + 1] += start[s];
  const next = start.slice();
  const columns = Array.from({ length: CELLS }, () => new Int32Array(lines));
  const [sequenceOf, index, batch, block] = columns;
  pieces.forEach((piece, number) => {
    const end = inPiece(piece, number);
    for (let at = 0; at < end; at += CELLS) {
      const sequence = rank[piece[at]];
      const line = next[sequence]++;
      sequenceOf[line] = sequence;
      index[line] = piece[at + 1];
      batch[line] = piece[at + 2];
      block[line] = piece[at + 3];
    }
  });
  const laidOut = { ...facts, sequences, start, sequenceOf, block, index, batch };
  return { ...laidOut, superseded: markSuperseded(laidOut) };
}

/** Marks the samples (run, epoch, index) that a later phase recorded again. */
function markSuperseded({
  sequences: { replicate, phase, epoch },
  sequenceOf,
  index,
}: Pick<TraceLayout, 'sequences' | 'sequenceOf' | 'index'>): Uint8Array {
  const superseded = new Uint8Array(index.length);
  const firstPhase = new Map<number, number>();
  const resumed = new Set<number>();
  replicate.forEach((r, s) => {
    const first = firstPhase.get(r);
    if (first === undefined) firstPhase.set(r, phase[s]);
    else if (first !== phase[s]) resumed.add(r);
  });
  if (resumed.size === 0) return superseded;
  const samples = new TupleTable(3);
  const latest: number[] = [];
  for (let line = index.length - 1; line >= 0; line--) {
    const s = sequenceOf[line];
    if (!resumed.has(replicate[s])) continue;
    const sample = samples.idOf(replicate[s], epoch[s], index[line]);
    latest[sample] ??= phase[s];
    if (phase[s] < latest[sample]) superseded[line] = 1;
  }
  return superseded;
}
