// The run that a route is about, or the answer that there is none.
import { type Database, readRun, type RunWithCondition } from '@reseed/database';
import { ApiError } from '../errors/api-error.ts';

/** @throws ApiError run_not_found */
export async function findRun(database: Database, id: string): Promise<RunWithCondition> {
  const run = await readRun(database, id);
  if (run === undefined) throw new ApiError('run_not_found', { id });
  return run;
}
