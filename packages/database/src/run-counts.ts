// Counts the runs of experiments per state.
import type { RunState } from '@reseed/experiment';
import type { Database } from './open-database.ts';

export type RunCounts = Readonly<Record<RunState, number>>;

export const noRuns = (): Record<RunState, number> => ({
  queued: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
});

/** Counts by experiment id; an experiment without runs has no entry. An index-only scan. */
export async function countRuns(
  database: Database,
  experimentIds: readonly string[],
): Promise<ReadonlyMap<string, RunCounts>> {
  const rows = await database.client.run.groupBy({
    by: ['experimentId', 'state'],
    where: { experimentId: { in: [...experimentIds] } },
    _count: { _all: true },
  });
  const counts = new Map<string, Record<RunState, number>>();
  for (const { experimentId, state, _count } of rows) {
    const ofExperiment = counts.get(experimentId) ?? noRuns();
    ofExperiment[state] = _count._all;
    counts.set(experimentId, ofExperiment);
  }
  return counts;
}
