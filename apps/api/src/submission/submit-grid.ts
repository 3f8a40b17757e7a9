// Stores a grid as an experiment, once per idempotency key.
import { type Database, hasLiveWorker, insertExperiment } from '@reseed/database';
import { canonicalJson, sha256Hex } from '@reseed/experiment';
import { v7 as uuidv7 } from 'uuid';
import { ApiError } from '../errors/api-error.ts';
import { type GridPlan, invalidConditions } from './plan-grid.ts';
import { rowsOfGrid } from './rows-of-grid.ts';

export interface Accepted {
  readonly id: string;
  readonly conditions: number;
  readonly runs: number;
  /** runs whose result was taken over from an earlier experiment */
  readonly reused: number;
  readonly warnings: readonly string[];
}

const KEY = /^[\x21-\x7e]{1,255}$/;

/** @throws ApiError idempotency_key_invalid */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new ApiError('idempotency_key_invalid', { limit: 255, length: header.length });
}

/**
 * Returns after the commit. The queue is not touched: a run without a job is enqueued by the reconciler.
 * @throws ApiError conditions_invalid, idempotency_key_reused
 */
export async function submitGrid(database: Database, plan: GridPlan, idempotencyKey: string | null): Promise<Accepted> {
  const invalid = invalidConditions(plan);
  if (invalid.length > 0) {
    const total = plan.expansion.conditions.length;
    throw new ApiError('conditions_invalid', { invalid }, `${invalid.length} of ${total} conditions cannot run.`);
  }
  const autoDevice = (await hasLiveWorker(database, 'gpu')) ? 'gpu' : 'cpu';
  const { body, grid, warnings } = plan;
  const inserted = await insertExperiment(database, {
    id: uuidv7(),
    name: grid.name,
    grid: body,
    gridHash: sha256Hex(canonicalJson(body)),
    idempotencyKey,
    compare: grid.compare,
    ...rowsOfGrid(plan, autoDevice),
  });
  if (inserted.outcome === 'existing' && !inserted.sameBody) throw new ApiError('idempotency_key_reused');
  const { id, conditionCount, runCount } = inserted.experiment;
  return { id, conditions: conditionCount, runs: runCount, reused: 0, warnings };
}
