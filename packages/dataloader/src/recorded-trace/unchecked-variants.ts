// Says which variants a trace could not have shown, because it lacks what they need.
import type { TraceLayout } from './trace-layout.ts';
import { TRACE_VARIANTS, type TraceVariantNumber } from './variants.ts';

export function notCheckedNotes(
  { sequences, replicates }: TraceLayout,
  named: ReadonlySet<TraceVariantNumber>,
): string[] {
  const seeds = new Set(replicates.flatMap(({ seed }) => (seed === null ? [] : [String(seed)])));
  const missing: readonly (readonly [TraceVariantNumber, boolean, string])[] = [
    [1, new Set(sequences.worker).size < 2, 'only one worker drew'],
    [2, new Set(sequences.epoch).size < 2, 'only one epoch was recorded'],
    [3, seeds.size < 2, 'fewer than two seeds are labelled'],
    [6, sequences.phase.every((phase) => phase === sequences.phase[0]), 'no resume is labelled'],
  ];
  const unchecked = missing.filter(([variant, lacks]) => lacks && !named.has(variant));
  if (unchecked.length === 0) return [];
  return [`Not checked: ${unchecked.map(([v, , why]) => `${TRACE_VARIANTS[v].name} (${why})`).join(', ')}.`];
}
