// What the audit of a recorded trace answers: plain JSON.
import type { TraceRunMeasures } from './run-measures.ts';
import type { TraceVariant } from './variants.ts';

/** What chance alone would do. */
export interface TraceChance {
  /** Upper bound of the probability that two unrelated draw blocks are equal. */
  readonly collisionProbability: number;
  /** Equal pairs of blocks among all analysed ones that this probability would give at most. */
  readonly expectedDuplicatePairs: number;
  /** Equal pairs of blocks among all analysed ones. */
  readonly observedDuplicatePairs: number;
  /** So many consecutive blocks are compared at a time, so that chance does not make two places equal. */
  readonly blocksComparedTogether: number;
  /** Streams, one for each (run, epoch, worker) and resume. */
  readonly streams: number;
  /** Pairs of equal streams to expect if each were seeded with a random number of 32 bits. */
  readonly expectedEqualStreamPairs: number;
}

export interface TraceAudit {
  /** Lines of the trace, blank ones not counted. */
  readonly lines: number;
  readonly analysedLines: number;
  readonly runs: readonly TraceRunMeasures[];
  readonly chance: TraceChance;
  readonly verdict: 'clean' | 'defect';
  /** Every variant that some explanation names, in order. */
  readonly variants: readonly TraceVariant[];
  /** Alternatives that explain the trace equally well, each a set of variants; the most usual cause first. */
  readonly explanations: readonly (readonly number[])[];
  readonly evidence: readonly string[];
  readonly notes: readonly string[];
}
