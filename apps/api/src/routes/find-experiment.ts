// The experiment that a route is about, or the answer that there is none.
import { type Database, type Experiment, readExperiment } from '@reseed/database';
import { ApiError } from '../errors/api-error.ts';

/** @throws ApiError experiment_not_found */
export async function findExperiment(database: Database, id: string): Promise<Experiment> {
  const experiment = await readExperiment(database, id);
  if (experiment === undefined) throw new ApiError('experiment_not_found', { id });
  return experiment;
}
