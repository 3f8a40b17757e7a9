// Attempts as they are read: every try at a run, append-only.
import type { Failure, FailureKind } from '@reseed/experiment';
import type { Attempt as AttemptRow } from './generated/client.ts';
import type { Database } from './open-database.ts';

export interface Attempt {
  /** 1 for the first */
  readonly attempt: number;
  readonly workerId: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** null while it runs */
  readonly outcome: 'succeeded' | FailureKind | null;
  readonly failure: Failure | null;
}

const toAttempt = (row: AttemptRow): Attempt => ({
  attempt: row.attempt,
  workerId: row.workerId,
  startedAt: row.startedAt,
  endedAt: row.endedAt,
  outcome: row.outcome as Attempt['outcome'],
  failure: row.failure as Failure | null,
});

/** All attempts at a run, the first one first. */
export async function readAttempts(database: Database, runId: string): Promise<readonly Attempt[]> {
  const rows = await database.client.attempt.findMany({ where: { runId }, orderBy: { attempt: 'asc' } });
  return rows.map(toAttempt);
}
