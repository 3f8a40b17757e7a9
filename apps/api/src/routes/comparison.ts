// What an experiment says: its comparisons with their verdicts.
import { comparisonData } from '@reseed/database';
import type { Api, ApiContext } from '../api-context.ts';
import { buildComparison } from '../comparison/comparison-rows.ts';
import { comparisonQuery, requestedPlan } from '../comparison/request-comparison.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { comparisonAnswer } from './comparison-schemas.ts';
import { findExperiment } from './find-experiment.ts';
import { idParameters } from './parameters.ts';

const errors = errorResponses('id_invalid', 'query_invalid', 'experiment_not_found');
const shared = { tags: ['experiments'], params: idParameters };

export function comparisonRoutes(app: Api, { database }: ApiContext): void {
  app.get('/v1/experiments/:id/comparison', {
    schema: {
      ...shared,
      summary: 'Paired differences with intervals, tests and a verdict',
      description:
        'The comparisons that the grid declared, or, with `factor` and `baseline`, one made now, which is exploratory. Runs are paired by seed; what is missing is listed, never averaged over. A row with a run in which a gate against masked gradients failed keeps its numbers and gets no verdict.',
      querystring: comparisonQuery,
      response: { 200: comparisonAnswer, ...errors },
    },
    handler: async ({ params, query }) => {
      const { id, compare } = await findExperiment(database, params.id);
      const requested = requestedPlan(query);
      return buildComparison(requested === undefined ? compare : [requested], await comparisonData(database, id));
    },
  });
}
