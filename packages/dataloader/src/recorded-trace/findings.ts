// What an analysis hands to the answer.
import type { VariantSet } from './explanations.ts';

export interface Findings {
  /** Per finding its alternatives; a finding without any is none. */
  readonly explanations: readonly (readonly VariantSet[])[];
  readonly evidence: readonly string[];
  readonly notes: readonly string[];
}

export const NOTHING: Findings = { explanations: [], evidence: [], notes: [] };

export function mergeFindings(...findings: readonly Findings[]): Findings {
  return {
    explanations: findings.flatMap(({ explanations }) => explanations),
    evidence: findings.flatMap(({ evidence }) => evidence),
    notes: findings.flatMap(({ notes }) => notes),
  };
}

export const whole = (value: number): string => value.toLocaleString('en-US');

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
