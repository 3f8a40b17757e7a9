// Keeps the lines of a trace in 16 bytes each and lays them out stream by stream.
import { DrawBlocks } from './draw-block.ts';
import type { TraceLine } from './read-trace-line.ts';
import { Replicates } from './replicates.ts';
import { CELLS, layOut, type TraceLayout } from './trace-layout.ts';
import { TupleTable } from './tuple-table.ts';

/** Lines per piece of storage: pieces need no copying when the trace grows. */
const PIECE_LINES = 16_384;

export class RecordedLines {
  #replicates = new Replicates();
  #blocks = new DrawBlocks();
  /** (replicate, phase, epoch, worker) */
  #sequences = new TupleTable(4);
  #pieces: Int32Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(trace: TraceLine, line: number): void {
    const { replicate, phase } = this.#replicates.placeOf(trace, line);
    const inPiece = this.#size % PIECE_LINES;
    if (inPiece === 0) this.#pieces.push(new Int32Array(PIECE_LINES * CELLS));
    const piece = this.#pieces[this.#pieces.length - 1];
    const at = inPiece * CELLS;
    piece[at] = this.#sequences.idOf(replicate, phase, trace.epoch, trace.worker);
    piece[at + 1] = trace.index;
    piece[at + 2] = trace.batch ?? -1;
    piece[at + 3] = this.#blocks.blockOf(trace);
    this.#size++;
  }

  /** The lines stream by stream. They are handed over: none are left here. */
  layOut(): TraceLayout {
    const sequences = this.#sequences;
    const word = (which: number) => Int32Array.from({ length: sequences.size }, (_, id) => sequences.wordOf(id, which));
    const facts = {
      replicates: this.#replicates.list,
      distinctBlocks: this.#blocks.distinct,
      rawWords: this.#blocks.holdRawWords,
      largeNumbers: this.#blocks.holdLargeNumbers,
      sequences: { replicate: word(0), phase: word(1), epoch: word(2), worker: word(3) },
    };
    const pieces = this.#pieces;
    const lines = this.#size;
    [this.#pieces, this.#size] = [[], 0];
    [this.#replicates, this.#blocks, this.#sequences] = [new Replicates(), new DrawBlocks(), new TupleTable(4)];
    return layOut({ pieces, lines }, facts);
  }
}
