// Runs: one condition with one seed, its attempts and its learning curve.
import { readAttempts, readEpochs } from '@reseed/database';
import { z } from 'zod';
import type { Api, ApiContext } from '../api-context.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { findRun } from './find-run.ts';
import { idParameters, noQuery } from './parameters.ts';
import { attempt, epoch, runDetail, toRunItem } from './run-schemas.ts';

const errors = errorResponses('id_invalid', 'query_invalid', 'run_not_found');
const shared = { tags: ['runs'], params: idParameters, querystring: noQuery };

export function runRoutes(app: Api, { database }: ApiContext): void {
  app.get('/v1/runs/:id', {
    schema: { ...shared, summary: 'One run with its spec and result', response: { 200: runDetail, ...errors } },
    handler: async ({ params }) => {
      const { condition, ...run } = await findRun(database, params.id);
      return { ...toRunItem(run), condition };
    },
  });

  app.get('/v1/runs/:id/epochs', {
    schema: {
      ...shared,
      summary: 'The learning curve of the latest attempt',
      response: { 200: z.object({ items: z.array(epoch).readonly() }), ...errors },
    },
    handler: async ({ params }) => {
      await findRun(database, params.id);
      return { items: await readEpochs(database, params.id) };
    },
  });

  app.get('/v1/runs/:id/attempts', {
    schema: {
      ...shared,
      summary: 'Every try at the run, the first one first',
      response: { 200: z.object({ items: z.array(attempt).readonly() }), ...errors },
    },
    handler: async ({ params }) => {
      await findRun(database, params.id);
      return { items: await readAttempts(database, params.id) };
    },
  });
}
