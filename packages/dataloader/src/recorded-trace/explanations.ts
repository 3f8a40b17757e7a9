// Combines what was found into sets of variants that explain the trace equally well.
import type { TraceVariantNumber } from './variants.ts';

export type VariantSet = readonly TraceVariantNumber[];

/** How far a relation holds: for single streams or for nearly all. */
export type Extent = 'none' | 'some' | 'all';

/** What streams as wholes share. */
export interface StreamSharing {
  readonly workers: Extent;
  readonly epochs: Extent;
  /** `or_epochs`: streams repeat over a resume, and no two epochs were recorded without one in between. */
  readonly resume: 'none' | 'restarts' | 'or_epochs';
  readonly seeds: 'own' | 'shared';
  /** Where the draws were made. */
  readonly drawnIn: 'workers' | 'main_process';
  /** Whether repeated epochs meet the same samples at the same places, so that the sample may be the reason. */
  readonly samples: 'other' | 'same';
}

const sorted = (set: Iterable<TraceVariantNumber>): VariantSet => [...new Set(set)].sort((a, b) => a - b);

function repetitionAlternatives({ epochs, resume, workers, drawnIn, samples }: StreamSharing): VariantSet[] {
  const tied: VariantSet[] = samples === 'same' && workers === 'none' ? [[5]] : [];
  if (resume === 'or_epochs') return [[2], [6], ...tied];
  const resumed: VariantSet = resume === 'restarts' ? [6] : [];
  if (epochs === 'none') return [resumed];
  return [[2, ...resumed], ...(drawnIn === 'main_process' && epochs === 'all' ? [[4] as const] : []), ...tied];
}

/**
 * The sets that explain shared streams. Workers and epochs that all share one stream are what the fork of one state does
 * (1 and 2), and what a component does that seeds the generator at the start of each epoch in each worker (4). The main
 * process is seeded once by PyTorch, so repeated epochs there are repetition (2) or such a component (4).
 */
export function explainSharing(sharing: StreamSharing): VariantSet[] {
  const shared: VariantSet = [
    ...(sharing.workers === 'none' ? [] : [1 as const]),
    ...(sharing.seeds === 'shared' ? [3 as const] : []),
  ];
  const sets = repetitionAlternatives(sharing).map((set) => (set[0] === 4 ? set : sorted([...shared, ...set])));
  const everything = sharing.workers === 'all' && sharing.epochs === 'all';
  return everything ? [...sets, [4]] : sets;
}

/** Every way to choose one alternative of each finding, merged, without doubles. */
export function combineExplanations(findings: readonly (readonly VariantSet[])[]): VariantSet[] {
  let combined: VariantSet[] = [[]];
  for (const alternatives of findings) {
    if (alternatives.length === 0) continue;
    combined = combined.flatMap((set) => alternatives.map((other) => sorted([...set, ...other])));
  }
  const known = new Map(combined.map((set) => [set.join(), set]));
  return [...known.values()].filter((set) => set.length > 0);
}
