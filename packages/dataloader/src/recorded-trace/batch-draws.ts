// Recognises draws made once per batch (collate_fn) and keeps one block for each batch.
//
// A collate_fn draws once and the recorder repeats the draws for every sample of the batch. That is no repetition of the
// generator. It shows as blocks that are equal inside every batch: batches come from the lines' `batch`, or else from the
// largest common divisor of all places at which a stream changes.
import { CHANCE_NATS, upperRate } from './chance.ts';
import type { TraceLayout } from './trace-layout.ts';

export interface BatchDraws {
  /** One line per batch, that of its first sample. */
  readonly layout: TraceLayout;
  readonly toldBy: 'batch labels' | 'equal neighbours';
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** 1 where a batch begins. */
function beginnings(layout: TraceLayout): { readonly begins: Uint8Array; readonly labelled: boolean } | undefined {
  const { batch, block, start } = layout;
  const begins = new Uint8Array(block.length);
  const labelled = batch.every((b) => b >= 0);
  let period = 0;
  for (let s = 0; s + 1 < start.length; s++) {
    begins[start[s]] = 1;
    for (let line = start[s] + 1; line < start[s + 1]; line++) {
      if (labelled) begins[line] = batch[line] === batch[line - 1] ? 0 : 1;
      else if (block[line] !== block[line - 1]) period = greatestCommonDivisor(period, line - start[s]);
    }
  }
  if (labelled) return { begins, labelled };
  if (period < 2) return undefined;
  for (let s = 0; s + 1 < start.length; s++)
    for (let line = start[s]; line < start[s + 1]; line += period) begins[line] = 1;
  return { begins, labelled };
}

/** Equal pairs inside labelled batches that are enough to believe the labels. */
const INSIDE_LABELS = 20;

/**
 * Whether chance is out of the question: that none of the unequal neighbours fell inside a batch, or that all neighbours inside
 * are equal. Neighbours that are equal across batches too are a constant stream and tell nothing of batches, unless there
 * are but a few.
 */
function isProof(pairs: { inside: number; across: number; unequal: number; labelled: boolean }): boolean {
  const { inside, across, unequal, labelled } = pairs;
  if (unequal === 0) return labelled && across < INSIDE_LABELS;
  if (labelled && inside >= INSIDE_LABELS) return true;
  const nats = Math.max(
    unequal * Math.log((inside + across) / across),
    inside * -Math.log(upperRate(across - unequal, across)),
  );
  return nats >= CHANCE_NATS;
}

/** Answers undefined when the draws are made per sample, or when chance could make the batches look alike. */
export function findBatchDraws(layout: TraceLayout): BatchDraws | undefined {
  if (layout.distinctBlocks === 1) return undefined;
  const found = beginnings(layout);
  if (found === undefined) return undefined;
  const { begins, labelled } = found;
  const { block, sequenceOf, start } = layout;
  let inside = 0;
  let across = 0;
  let acrossEqual = 0;
  for (let line = 1; line < block.length; line++) {
    if (sequenceOf[line] !== sequenceOf[line - 1]) continue;
    const equal = block[line] === block[line - 1];
    if (begins[line] === 1) {
      across++;
      if (equal) acrossEqual++;
    } else if (equal) inside++;
    else return undefined;
  }
  const unequal = across - acrossEqual;
  if (inside === 0 || !isProof({ inside, across, unequal, labelled })) return undefined;
  const kept = new Int32Array(begins.reduce((sum, b) => sum + b, 0));
  const keptStart = new Int32Array(start.length);
  let at = 0;
  for (let s = 0; s + 1 < start.length; s++) {
    for (let line = start[s]; line < start[s + 1]; line++) if (begins[line] === 1) kept[at++] = line;
    keptStart[s + 1] = at;
  }
  const pick = (column: Int32Array) => Int32Array.from(kept, (line) => column[line]);
  return {
    toldBy: labelled ? 'batch labels' : 'equal neighbours',
    layout: {
      ...layout,
      start: keptStart,
      sequenceOf: pick(layout.sequenceOf),
      block: pick(block),
      index: pick(layout.index),
      batch: pick(layout.batch),
      superseded: Uint8Array.from(kept, (line) => layout.superseded[line]),
    },
  };
}
