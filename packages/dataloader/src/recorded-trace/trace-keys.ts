// What a line is compared by: its run, resume, epoch, worker, position and sample as numbers.
import type { LineKey } from './pair-rates.ts';
import type { TraceLayout } from './trace-layout.ts';

export interface TraceKeys {
  readonly replicate: LineKey;
  /** Same number for runs with the same seed label. */
  readonly seed: LineKey;
  /** Run and resume in one number. */
  readonly part: LineKey;
  readonly phase: LineKey;
  readonly epoch: LineKey;
  readonly worker: LineKey;
  /** Position in the line's sequence. */
  readonly position: LineKey;
  readonly index: LineKey;
  /** Number of the epoch among those that the run recorded between two resumes. */
  readonly ordinal: LineKey;
  readonly sequence: LineKey;
}

export function keysOf({ sequences, sequenceOf, start, index, replicates }: TraceLayout): TraceKeys {
  const { replicate, phase, epoch, worker } = sequences;
  const ofSequence =
    (values: ArrayLike<number>): LineKey =>
    (line) =>
      values[sequenceOf[line]];
  const parts: number[] = [];
  const ordinals: number[] = [];
  const epochsOfPart = new Map<number, number[]>();
  for (let s = 0; s < replicate.length; s++) {
    const goesOn = s > 0 && replicate[s] === replicate[s - 1] && phase[s] === phase[s - 1];
    parts[s] = s === 0 ? 0 : parts[s - 1] + (goesOn ? 0 : 1);
    const epochs = epochsOfPart.get(parts[s]);
    if (epochs === undefined) epochsOfPart.set(parts[s], [epoch[s]]);
    else epochs.push(epoch[s]);
  }
  for (const [part, epochs] of epochsOfPart) {
    const rank = new Map([...new Set(epochs)].sort((a, b) => a - b).map((e, ordinal) => [e, ordinal]));
    const first = parts.indexOf(part);
    for (let i = 0; i < epochs.length; i++) ordinals[first + i] = rank.get(epochs[i]) ?? 0;
  }
  const seeds = new Map<string, number>();
  const seedOf = replicates.map(({ seed }, r) => {
    const label = seed === null ? `run ${r}` : `seed ${seed}`;
    const known = seeds.get(label) ?? seeds.size;
    seeds.set(label, known);
    return known;
  });
  return {
    replicate: ofSequence(replicate),
    seed: (line) => seedOf[replicate[sequenceOf[line]]],
    part: ofSequence(parts),
    phase: ofSequence(phase),
    epoch: ofSequence(epoch),
    worker: ofSequence(worker),
    position: (line) => line - start[sequenceOf[line]],
    index: (line) => index[line],
    ordinal: ofSequence(ordinals),
    sequence: (line) => sequenceOf[line],
  };
}
