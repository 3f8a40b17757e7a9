// Final evaluations: accuracies with their binomial error, the bits behind them, averages over seeds, and gates.
import { listConditionEvaluations, readCorrectBits, readEvaluations, readGates } from '@reseed/database';
import type { Api, ApiContext } from '../api-context.ts';
import { ApiError } from '../errors/api-error.ts';
import { errorResponses } from '../errors/error-responses.ts';
import {
  askedEvaluation,
  conditionEvaluations,
  conditionEvaluationsQuery,
  correctBits,
  evaluationQuery,
  finiteOrNull,
  labelled,
  runEvaluations,
  runGates,
  toRunEvaluation,
} from './evaluation-schemas.ts';
import { findExperiment } from './find-experiment.ts';
import { findRun } from './find-run.ts';
import { idParameters, noQuery } from './parameters.ts';

const errors = errorResponses('id_invalid', 'query_invalid', 'run_not_found');
const shared = { tags: ['runs'], params: idParameters };

export function evaluationRoutes(app: Api, { database }: ApiContext): void {
  app.get('/v1/runs/:id/evaluations', {
    schema: {
      ...shared,
      summary: 'The final evaluations of the run, in the order of its result',
      querystring: noQuery,
      response: { 200: runEvaluations, ...errors },
    },
    handler: async ({ params }) => {
      await findRun(database, params.id);
      return { items: (await readEvaluations(database, params.id)).map(toRunEvaluation) };
    },
  });

  app.get('/v1/runs/:id/evaluations/correct', {
    schema: {
      ...shared,
      summary: 'Which images one evaluation got right',
      description:
        'For tests on the same images, such as McNemar’s. In Python: `np.unpackbits(np.frombuffer(base64.b64decode(correct), np.uint8), bitorder="little")[:images]`.',
      querystring: evaluationQuery,
      response: {
        200: correctBits,
        ...errorResponses('id_invalid', 'query_invalid', 'run_not_found', 'evaluation_not_found'),
      },
    },
    handler: async ({ params, query }) => {
      await findRun(database, params.id);
      const asked = askedEvaluation(query);
      const found = await readCorrectBits(database, params.id, asked);
      if (found === undefined) throw new ApiError('evaluation_not_found', { id: params.id, ...asked });
      return { ...asked, images: found.images, correct: Buffer.from(found.correct).toString('base64') };
    },
  });

  app.get('/v1/runs/:id/gates', {
    schema: {
      ...shared,
      summary: 'Signs of masked gradients that were looked for in the run',
      description: 'What was measured passes up to the limit. A failed gate withholds verdicts about robustness.',
      querystring: noQuery,
      response: { 200: runGates, ...errors },
    },
    handler: async ({ params }) => {
      await findRun(database, params.id);
      const gates = await readGates(database, params.id);
      return {
        items: gates.map(({ measured, limit, ...gate }) => ({
          ...gate,
          measured: finiteOrNull(measured),
          limit: finiteOrNull(limit),
        })),
      };
    },
  });

  app.get('/v1/experiments/:id/evaluations', {
    schema: {
      tags: ['experiments'],
      params: idParameters,
      summary: 'Final accuracies by condition: mean and standard deviation over the seeds',
      querystring: conditionEvaluationsQuery,
      response: { 200: conditionEvaluations, ...errorResponses('id_invalid', 'query_invalid', 'experiment_not_found') },
    },
    handler: async ({ params, query: { weights, attack, stage, limit, cursor } }) => {
      const { id: experimentId } = await findExperiment(database, params.id);
      const { items, nextCursor } = await listConditionEvaluations(database, {
        experimentId,
        limit,
        ...(weights === undefined ? {} : { weights }),
        ...(attack === undefined ? {} : { attack }),
        ...(stage === undefined ? {} : { stage: stage === '' ? null : stage }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      return { items: items.map(labelled), nextCursor };
    },
  });
}
