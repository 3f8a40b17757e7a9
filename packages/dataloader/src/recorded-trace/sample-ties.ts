// Finds draws that follow the sample: the same index draws the same block in another epoch, or in a run of another seed.
//
// Each such pair of lines stands beside control pairs: the first line and the neighbours of the second, which drew for other
// samples. Pairs at the same position do not count, since equal streams would make them equal too.
import { compareRates, type PairRate } from './pair-rates.ts';
import { groupSamples, type LineGroups } from './sample-groups.ts';
import type { TraceLayout } from './trace-layout.ts';

export interface SampleTies {
  /** Same index, another epoch and another position. */
  readonly epochs: PairRate;
  /** Same index in the same epoch of runs with different seed labels; undefined with fewer than two labels. */
  readonly seeds: PairRate | undefined;
}

/** Lines of its group that a line is compared with: those after it. */
const COMPARED = 16;
/** Neighbours on either side that serve as control. */
const NEIGHBOURS = 4;

export function findSampleTies(layout: TraceLayout, samples: LineGroups): SampleTies {
  const { sequences, sequenceOf, start, replicates } = layout;
  const position = (line: number) => line - start[sequenceOf[line]];
  const epochs = compareGroups(layout, samples, (a, b) => {
    return sequences.epoch[sequenceOf[a]] !== sequences.epoch[sequenceOf[b]] && position(a) !== position(b);
  });
  const seedOf = replicates.map(({ seed }) => (seed === null ? undefined : String(seed)));
  if (new Set(seedOf.filter((seed) => seed !== undefined)).size < 2) return { epochs, seeds: undefined };
  const seeds = compareGroups(layout, groupSamples(layout, 'epoch'), (a, b) => {
    const [seedA, seedB] = [a, b].map((line) => seedOf[sequences.replicate[sequenceOf[line]]]);
    return seedA !== undefined && seedB !== undefined && seedA !== seedB;
  });
  return { epochs, seeds };
}

function compareGroups(
  { block, index, start: begin, sequenceOf, rawWords }: TraceLayout,
  { lines, start }: LineGroups,
  counts: (a: number, b: number) => boolean,
): PairRate {
  const structured = { candidates: 0, matches: 0, witnesses: 0 };
  const control = { candidates: 0, matches: 0, witnesses: 0 };
  for (let group = 0; group + 1 < start.length; group++) {
    const end = start[group + 1];
    for (let i = start[group]; i < end; i++) {
      let counted = 0;
      for (let j = i + 1; j < Math.min(end, i + 1 + COMPARED); j++) {
        const [a, b] = [lines[i], lines[j]];
        if (!counts(a, b)) continue;
        counted = 1;
        structured.candidates++;
        if (block[a] === block[b]) structured.matches++;
        const first = Math.max(b - NEIGHBOURS, begin[sequenceOf[b]]);
        const last = Math.min(b + NEIGHBOURS + 1, begin[sequenceOf[b] + 1]);
        for (let other = first; other < last; other++) {
          if (index[other] === index[a]) continue;
          control.candidates++;
          if (block[a] === block[other]) control.matches++;
        }
      }
      structured.witnesses += counted;
    }
  }
  return compareRates(structured, control, { rawWords });
}
