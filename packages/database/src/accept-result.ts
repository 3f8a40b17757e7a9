// Ledger: the attempt that holds a run delivers its result; a run accepts one.
import type { FinalEvaluation, MaskingGate, RunResult } from '@reseed/experiment';
import { checkResult, CorruptResultError } from './check-result.ts';
import type { Stale } from './claim-run.ts';
import { storedStage } from './evaluation.ts';
import type { Database } from './open-database.ts';
import { recordFailure } from './record-failure.ts';
import { transition } from './transition.ts';

export interface AcceptedResult {
  readonly runId: string;
  readonly experimentId: string;
  readonly attempt: number;
  readonly state: 'succeeded';
}

interface Delivery {
  readonly runId: string;
  readonly attempt: number;
  readonly result: RunResult;
}

const accept = transition({ to: 'succeeded' });

/**
 * Stores the result with its evaluations and gates, ends the run as succeeded and closes the attempt.
 *
 * A result that contradicts itself is not stored: the attempt is closed as an internal error of its trainer, so that the
 * run is tried again as long as tries are left, and then failed. Sent again, such a result is stale like any other.
 * @throws CorruptResultError once the failure is recorded
 */
export async function acceptResult(database: Database, delivery: Delivery): Promise<AcceptedResult | Stale> {
  const { runId, attempt, result } = delivery;
  try {
    checkResult(result);
  } catch (error) {
    if (!(error instanceof CorruptResultError)) throw error;
    const failure = { kind: 'internal_error' as const, message: error.message };
    if ((await recordFailure(database, { runId, attempt, failure })) === 'stale') return 'stale';
    throw error;
  }
  return store(database, delivery);
}

/** How many gates failed; null where none was measured, which is not the same as none. */
const countFailed = (gates: readonly MaskingGate[]): number | null =>
  gates.length === 0 ? null : gates.filter(({ passed }) => !passed).length;

/** As text: JSON between here and the driver has no bytes, and neither NaN nor Infinity, which a gate may measure. */
const asBase64 = ({ correct }: FinalEvaluation): string =>
  Buffer.from(correct.buffer, correct.byteOffset, correct.byteLength).toString('base64');

/** One statement: all of it is there, or nothing. */
async function store({ client }: Database, { runId, attempt, result }: Delivery): Promise<AcceptedResult | Stale> {
  const { evaluations, gates, stopped } = result;
  const rows = await client.$queryRaw<{ experiment_id: string }[]>`
    WITH accepted AS (
      UPDATE run SET
        state = ${accept.state}, finished_at = now(), lease_until = NULL,
        weight_hash = ${result.weightHash}, weight_hash_wa = ${result.weightHashWa ?? null}, metrics = ${JSON.stringify(result.metrics)}::jsonb,
        best_epoch = ${result.bestEpoch}::int, best_epoch_wa = ${result.bestEpochWa ?? null}::int, backend = ${JSON.stringify(result.backend)}::jsonb,
        backend_class = ${result.backend.backendClass}, seconds = ${result.seconds}::float8,
        image_passes_per_second = ${result.imagePassesPerSecond}::float8,
        stopped = ${stopped === undefined ? null : JSON.stringify(stopped)}::jsonb, gates_failed = ${countFailed(gates)}::int
      WHERE run.id = ${runId}::uuid AND run.attempt = ${attempt}::int AND ${accept.allowed}
      RETURNING id, experiment_id, attempt
    ), closed AS (
      UPDATE attempt SET ended_at = now(), outcome = 'succeeded' FROM accepted
      WHERE attempt.run_id = accepted.id AND attempt.attempt = accepted.attempt
    ), evaluated AS (
      INSERT INTO evaluation (run_id, experiment_id, attempt, weights, attack, stage, position, images, accuracy, seconds, correct)
      SELECT accepted.id, accepted.experiment_id, accepted.attempt, e.weights, e.attack, e.stage, e.number - 1, e.images,
             e.accuracy, e.seconds, decode(e.correct, 'base64')
      FROM accepted, unnest(
        ${evaluations.map(({ weights }) => weights)}::text[],
        ${evaluations.map(({ attack }) => attack)}::text[],
        ${evaluations.map(({ stage }) => storedStage(stage))}::text[],
        ${evaluations.map(({ images }) => images)}::int[],
        ${evaluations.map(({ accuracy }) => accuracy)}::float8[],
        ${evaluations.map(({ seconds }) => seconds)}::float8[],
        ${evaluations.map(asBase64)}::text[]
      ) WITH ORDINALITY AS e (weights, attack, stage, images, accuracy, seconds, correct, number)
    ), judged AS (
      INSERT INTO masking_gate (run_id, attempt, weights, gate, passed, measured, "limit")
      SELECT accepted.id, accepted.attempt, g.weights, g.gate, g.passed, g.measured, g.most
      FROM accepted, unnest(
        ${gates.map(({ weights }) => weights)}::text[],
        ${gates.map(({ gate }) => gate)}::text[],
        ${gates.map(({ passed }) => passed)}::bool[],
        ${gates.map(({ measured }) => String(measured))}::float8[],
        ${gates.map(({ limit }) => String(limit))}::float8[]
      ) AS g (weights, gate, passed, measured, most)
    )
    SELECT experiment_id FROM accepted`;
  const [row] = rows;
  return row === undefined ? 'stale' : { runId, experimentId: row.experiment_id, attempt, state: 'succeeded' };
}
