// The learning curve of a run as it is read.
import type { EpochMetrics } from '@reseed/experiment';
import type { EpochMetric as EpochMetricRow } from './generated/client.ts';
import type { Database } from './open-database.ts';

const toEpochMetrics = ({ runId: _run, attempt: _attempt, ...metrics }: EpochMetricRow): EpochMetrics => metrics;

/**
 * The epochs of the latest attempt, which is the accepted one once the run has succeeded: nothing claims it afterwards.
 */
export async function readEpochs(database: Database, runId: string): Promise<readonly EpochMetrics[]> {
  const run = await database.client.run.findUnique({ where: { id: runId }, select: { attempt: true } });
  if (run === null) return [];
  const rows = await database.client.epochMetric.findMany({
    where: { runId, attempt: run.attempt },
    orderBy: { epoch: 'asc' },
  });
  return rows.map(toEpochMetrics);
}
