// Measures how often unrelated blocks are equal, and so how many consecutive blocks make chance negligible.
//
// A trace of raw words has blocks that are never equal by chance; one of [dy, dx, flip] has 162 possible blocks, and any two
// are equal once in 162. The rate is measured on three kinds of pairs that no defect makes equal all at once: neighbours in
// a stream, other pairs inside a stream, and different places of different streams. The smallest upper bound counts.
import { RAW_COLLISION, upperRate } from './chance.ts';
import type { TraceLayout } from './trace-layout.ts';

/** −ln of the probability that chance makes any two places of the trace look alike. */
const NEGLIGIBLE_NATS = 20.7;

export interface Background {
  /** Upper bound of the probability that two unrelated blocks are equal. */
  readonly collision: number;
  /** Consecutive blocks to compare at a time, at least 2; infinite when every block is the same. */
  readonly length: number;
  readonly equalPairs: number;
}

const pairs = (n: number): number => (n * (n - 1)) / 2;

/** Pairs of equal blocks in groups of lines: `lineOf` gives the lines group by group, `groupStart` where each begins. */
function equalPairsWithin(
  { block, distinctBlocks }: TraceLayout,
  groupStart: ArrayLike<number>,
  lineOf?: Int32Array,
): { readonly candidates: number; readonly matches: number } {
  const lastGroup = new Int32Array(distinctBlocks).fill(-1);
  const count = new Int32Array(distinctBlocks);
  let candidates = 0;
  let matches = 0;
  for (let group = 0; group + 1 < groupStart.length; group++) {
    candidates += pairs(groupStart[group + 1] - groupStart[group]);
    for (let at = groupStart[group]; at < groupStart[group + 1]; at++) {
      const b = block[lineOf === undefined ? at : lineOf[at]];
      if (lastGroup[b] !== group) {
        lastGroup[b] = group;
        count[b] = 0;
      }
      matches += count[b]++;
    }
  }
  return { candidates, matches };
}

/** Lines grouped by their position in their sequence. */
function byPosition({ start, sequenceOf, block }: TraceLayout): {
  readonly groupStart: Int32Array;
  readonly lineOf: Int32Array;
} {
  let longest = 0;
  for (let s = 0; s + 1 < start.length; s++) longest = Math.max(longest, start[s + 1] - start[s]);
  const groupStart = new Int32Array(longest + 1);
  for (let line = 0; line < block.length; line++) groupStart[line - start[sequenceOf[line]] + 1]++;
  for (let t = 0; t < longest; t++) groupStart[t + 1] += groupStart[t];
  const next = groupStart.slice();
  const lineOf = new Int32Array(block.length);
  for (let line = 0; line < block.length; line++) lineOf[next[line - start[sequenceOf[line]]]++] = line;
  return { groupStart, lineOf };
}

function equalNeighbours({ block, sequenceOf }: TraceLayout): {
  readonly candidates: number;
  readonly matches: number;
} {
  let candidates = 0;
  let matches = 0;
  for (let line = 1; line < block.length; line++) {
    if (sequenceOf[line] !== sequenceOf[line - 1]) continue;
    candidates++;
    if (block[line] === block[line - 1]) matches++;
  }
  return { candidates, matches };
}

export function measureBackground(layout: TraceLayout): Background {
  const lines = layout.block.length;
  const all = equalPairsWithin(layout, [0, lines]);
  const within = equalPairsWithin(layout, layout.start);
  const positions = byPosition(layout);
  const samePosition = equalPairsWithin(layout, positions.groupStart, positions.lineOf);
  const neighbours = equalNeighbours(layout);
  let collision = Math.min(
    upperRate(within.matches, within.candidates),
    upperRate(neighbours.matches, neighbours.candidates),
    upperRate(
      all.matches - within.matches - samePosition.matches,
      all.candidates - within.candidates - samePosition.candidates,
    ),
  );
  // Words that differ from block to block, unless neighbours contradict: most blocks may still be an empty choice.
  const neighbourRate = neighbours.candidates === 0 ? 0 : neighbours.matches / neighbours.candidates;
  if (layout.rawWords) collision = Math.min(collision, Math.max(RAW_COLLISION, neighbourRate));
  const nats = 2 * Math.log(lines) + NEGLIGIBLE_NATS;
  const length = collision >= 1 ? Number.POSITIVE_INFINITY : Math.max(2, Math.ceil(nats / -Math.log(collision)));
  return { collision, length, equalPairs: all.matches };
}
