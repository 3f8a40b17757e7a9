// Finds streams that are one block over and over: a generator that is seeded again for every sample.
import type { Background } from './background.ts';
import { CHANCE_NATS } from './chance.ts';
import { type Findings, NOTHING, whole } from './findings.ts';
import type { TraceLayout } from './trace-layout.ts';
import type { TracePlaces } from './trace-places.ts';

/** Lines that must be alike before one block everywhere is more than a draw with few outcomes; of large numbers, four. */
const ALIKE = { large: 4, other: 40 };

export function findConstantStreams(layout: TraceLayout, background: Background, places: TracePlaces): Findings {
  const { block, start, largeNumbers } = layout;
  const lines = block.length;
  if (block.every((b) => b === block[0])) {
    if (lines < (largeNumbers ? ALIKE.large : ALIKE.other)) return NOTHING;
    return {
      explanations: [[[4]]],
      evidence: [`All ${whole(lines)} draws are one and the same block.`],
      notes: ['With one block everywhere nothing can be said about workers, epochs and seeds.'],
    };
  }
  const proven = new Set<number>();
  let constantLines = 0;
  let provenLines = 0;
  let example = -1;
  let equalNeighbours = 0;
  for (let s = 0; s + 1 < start.length; s++) {
    const length = start[s + 1] - start[s];
    let same = 1;
    while (same < length && block[start[s] + same] === block[start[s]]) same++;
    if (length < 2 || same < length) continue;
    constantLines += length;
    equalNeighbours += length - 1;
    if (length >= background.length) provenLines += length;
    if (length >= background.length) proven.add(block[start[s]]);
    if (example < 0) example = s;
  }
  const everywhere = constantLines >= 0.9 * lines && equalNeighbours * -Math.log(background.collision) >= CHANCE_NATS;
  if (provenLines === 0 && !everywhere) return NOTHING;
  const whose = `${whole(constantLines)} of ${whole(lines)} draws belong to streams that repeat one block`;
  if (proven.size === 1 && !largeNumbers) {
    return {
      ...NOTHING,
      notes: [`${whose}, the same one each time: taken for an augmentation that was switched off.`],
    };
  }
  return {
    explanations: [[[4]]],
    evidence: [`${whose} over and over, e.g. ${places.stream(example)}.`],
    notes: ['If these draws are made once per batch, record "batch" in each line: then they are counted per batch.'],
  };
}
