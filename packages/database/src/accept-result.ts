// Ledger: the attempt that holds a run delivers its result; a run accepts one.
import type { RunResult } from '@reseed/experiment';
import type { Stale } from './claim-run.ts';
import type { Database } from './open-database.ts';
import { transition } from './transition.ts';

export interface AcceptedResult {
  readonly runId: string;
  readonly experimentId: string;
  readonly attempt: number;
  readonly state: 'succeeded';
}

const accept = transition({ to: 'succeeded' });

/** Stores the result, ends the run as succeeded and closes the attempt. */
export async function acceptResult(
  { client }: Database,
  options: { readonly runId: string; readonly attempt: number; readonly result: RunResult },
): Promise<AcceptedResult | Stale> {
  const { runId, attempt, result } = options;
  const rows = await client.$queryRaw<{ experiment_id: string }[]>`
    WITH accepted AS (
      UPDATE run SET
        state = ${accept.state}, finished_at = now(), lease_until = NULL,
        weight_hash = ${result.weightHash}, weight_hash_wa = ${result.weightHashWa ?? null}, metrics = ${JSON.stringify(result.metrics)}::jsonb,
        best_epoch = ${result.bestEpoch}::int, best_epoch_wa = ${result.bestEpochWa ?? null}::int, backend = ${JSON.stringify(result.backend)}::jsonb,
        backend_class = ${result.backend.backendClass}, seconds = ${result.seconds}::float8,
        image_passes_per_second = ${result.imagePassesPerSecond}::float8
      WHERE run.id = ${runId}::uuid AND run.attempt = ${attempt}::int AND ${accept.allowed}
      RETURNING id, experiment_id, attempt
    ), closed AS (
      UPDATE attempt SET ended_at = now(), outcome = 'succeeded' FROM accepted
      WHERE attempt.run_id = accepted.id AND attempt.attempt = accepted.attempt
    )
    SELECT experiment_id FROM accepted`;
  const [row] = rows;
  return row === undefined ? 'stale' : { runId, experimentId: row.experiment_id, attempt, state: 'succeeded' };
}
