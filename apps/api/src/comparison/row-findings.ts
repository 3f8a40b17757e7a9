// What the runs of a row say against its numbers: gates that failed, and training that ended early on one side.
import type { ComparedRun } from '@reseed/database';
import type { MetricName } from '@reseed/experiment';

/** Both runs of a seed, each with a value of the metric. */
export interface CompletePair {
  readonly level: ComparedRun;
  readonly baseline: ComparedRun;
}

export interface RunWithFailedGates {
  readonly runId: string;
  /** each once, whatever the number of weights it failed on */
  readonly gates: readonly string[];
}

export interface StoppedRuns {
  readonly level: number;
  readonly baseline: number;
}

const count = (things: number, one: string): string => `${things} ${one}${things === 1 ? '' : 's'}`;

export function runsWithFailedGates(pairs: readonly CompletePair[]): RunWithFailedGates[] {
  return pairs
    .flatMap(({ level, baseline }) => [level, baseline])
    .filter(({ gatesFailed }) => gatesFailed.length > 0)
    .map(({ runId, gatesFailed }) => ({ runId, gates: gatesFailed }));
}

/** Masked gradients fool attacks; a metric that attacks nothing is what it is. */
const isUnderAttack = (metric: MetricName): boolean => metric !== 'cleanAccuracy' && metric !== 'cleanAccuracyWa';

/** Why no verdict on this metric can be given; undefined where nothing forbids one. */
export function withheldBecause(
  metric: MetricName,
  pairs: readonly CompletePair[],
  failed: readonly RunWithFailedGates[],
): string | undefined {
  if (failed.length === 0 || !isUnderAttack(metric)) return undefined;
  const runsOfGate = new Map<string, number>();
  for (const gate of failed.flatMap(({ gates }) => gates)) runsOfGate.set(gate, (runsOfGate.get(gate) ?? 0) + 1);
  const named = [...runsOfGate].sort(([a], [b]) => (a < b ? -1 : 1)).map(([gate, runs]) => `${gate} in ${runs}`);
  return `gates against masked gradients failed in ${failed.length} of ${count(2 * pairs.length, 'run')} (${named.join(
    ', ',
  )}), so what looks robust may only have met attacks that were too weak`;
}

export function stoppedRuns(pairs: readonly CompletePair[]): StoppedRuns {
  const stopped = (side: keyof CompletePair) => pairs.filter((pair) => pair[side].stopped !== null).length;
  return { level: stopped('level'), baseline: stopped('baseline') };
}

/** What does not forbid a verdict and should be known with it. */
export function rowWarnings(pairs: readonly CompletePair[]): string[] {
  const unequal = pairs.filter(({ level, baseline }) => (level.stopped === null) !== (baseline.stopped === null));
  if (unequal.length === 0) return [];
  const { level, baseline } = stoppedRuns(pairs);
  return [
    `training ended early in ${level} of ${count(pairs.length, 'run')} of the level and in ${baseline} of the baseline; ` +
      `in ${count(unequal.length, 'pair')} only one side did, so that trainings of different length are compared`,
  ];
}
