// Experiments: posting a grid, following it, and listing its runs.
import {
  countLiveWorkers,
  experimentProgress,
  GATE_FINDINGS,
  listExperiments,
  listRuns,
  trainingSpeeds,
} from '@reseed/database';
import { gridSchema } from '@reseed/experiment';
import { z } from 'zod';
import type { Api, ApiContext } from '../api-context.ts';
import { GRID_EXAMPLE } from '../documentation/grid-example.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { auditGrid } from '../submission/audit-grid.ts';
import { estimateCost } from '../submission/estimate-cost.ts';
import { type GridPlan, invalidConditions, planGrid } from '../submission/plan-grid.ts';
import { readIdempotencyKey, submitGrid } from '../submission/submit-grid.ts';
import {
  dryRunAnswer,
  experimentItem,
  experimentView,
  submitAnswer,
  toExperimentItem,
  toExperimentView,
} from './experiment-schemas.ts';
import { findExperiment } from './find-experiment.ts';
import { idParameters, noQuery, pageLimit } from './parameters.ts';
import { runItem, runState, toRunItem } from './run-schemas.ts';

const tags = ['experiments'];
const errors = errorResponses('id_invalid', 'query_invalid', 'experiment_not_found');
const page = { limit: pageLimit, cursor: z.string().optional().describe('the nextCursor of the page before') };

export function experimentRoutes(app: Api, context: ApiContext): void {
  const { database, config } = context;

  app.post('/v1/experiments', {
    schema: {
      tags,
      summary: 'Post a grid',
      description:
        'Answers 202 after the experiment, its conditions and its runs are committed. With `?dryRun=true` nothing is stored: 200 tells what the grid would do. The same Idempotency-Key with the same grid gives the same experiment.',
      querystring: z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') }),
      headers: z.object({ 'idempotency-key': z.string().optional() }),
      body: gridSchema.meta({ examples: [GRID_EXAMPLE] }),
      response: {
        200: dryRunAnswer,
        202: submitAnswer,
        ...errorResponses(
          'grid_invalid',
          'json_invalid',
          'query_invalid',
          'idempotency_key_invalid',
          'origin_refused',
          'body_too_large',
          'media_type_unsupported',
          'conditions_invalid',
          'idempotency_key_reused',
        ),
      },
    },
    handler: async ({ body, headers, query }, reply) => {
      const key = readIdempotencyKey(headers['idempotency-key']);
      const plan = planGrid(body, { runLimit: config.RESEED_RUN_LIMIT });
      if (query.dryRun === 'true') return reply.code(200).send(await describePlan(context, plan));
      const accepted = await submitGrid(database, plan, key);
      context.kick();
      return reply.code(202).send(accepted);
    },
  });

  app.get('/v1/experiments', {
    schema: {
      tags,
      summary: 'Experiments, newest first',
      querystring: z.strictObject({ ...page, cursor: z.uuid().toLowerCase().optional() }),
      response: {
        200: z.object({ items: z.array(experimentItem), nextCursor: z.uuid().nullable() }),
        ...errorResponses('query_invalid'),
      },
    },
    handler: async ({ query: { limit, cursor } }) => {
      const { items, nextCursor } = await listExperiments(
        database,
        cursor === undefined ? { limit } : { limit, cursor },
      );
      return { items: items.map(toExperimentItem), nextCursor };
    },
  });

  app.get('/v1/experiments/:id', {
    schema: {
      tags,
      summary: 'One experiment: counts, progress and the grid as posted',
      params: idParameters,
      querystring: noQuery,
      response: { 200: experimentView, ...errors },
    },
    handler: async ({ params: { id } }) => {
      const experiment = await findExperiment(database, id);
      const progress = await experimentProgress(database, experiment);
      return toExperimentView(experiment, progress, new Date());
    },
  });

  app.get('/v1/experiments/:id/runs', {
    schema: {
      tags,
      summary: 'Its runs, seeds outermost',
      params: idParameters,
      querystring: z.strictObject({
        ...page,
        cursor: z.coerce.number().int().min(0).optional(),
        state: runState.optional(),
        gates: z
          .enum(GATE_FINDINGS)
          .optional()
          .describe('what the gates against masked gradients came to; unmeasured too without a result'),
      }),
      response: { 200: z.object({ items: z.array(runItem), nextCursor: z.int().nullable() }), ...errors },
    },
    handler: async ({ params: { id }, query: { limit, cursor, state, gates } }) => {
      await findExperiment(database, id);
      const { items, nextCursor } = await listRuns(database, {
        experimentId: id,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        ...(state === undefined ? {} : { state }),
        ...(gates === undefined ? {} : { gates }),
      });
      return { items: items.map(toRunItem), nextCursor };
    },
  });
}

async function describePlan({ database }: ApiContext, plan: GridPlan): Promise<z.input<typeof dryRunAnswer>> {
  const { conditions: expanded, seeds, duplicates, identical } = plan.expansion;
  const [speeds, live] = await Promise.all([trainingSpeeds(database), countLiveWorkers(database)]);
  const conditions = expanded.map(({ condition }) => condition);
  return {
    conditions: conditions.length,
    runs: conditions.length * seeds.length,
    reused: 0,
    warnings: plan.warnings,
    duplicates,
    identical,
    invalid: invalidConditions(plan),
    estimate: estimateCost(conditions, seeds.length, { speeds, workers: live.cpu + live.gpu }),
    audit: auditGrid(conditions, seeds[0]).map((audited) => ({
      ...audited,
      seedingMode: conditions[audited.conditions[0]].seedingMode,
      seedCollisions: plan.seedCollisions[audited.conditions[0]],
    })),
  };
}
