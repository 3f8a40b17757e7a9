// Audits: what the random draws of runs and experiments repeat.
import { listConditions, listRuns } from '@reseed/database';
import { describeLevels } from '@reseed/experiment';
import { z } from 'zod';
import type { Api, ApiContext } from '../api-context.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { auditSummary, describeStoredAudit, runAudit, sharedSeeds, storedCollisions } from './audit-schemas.ts';
import { findExperiment } from './find-experiment.ts';
import { findRun } from './find-run.ts';
import { idParameters, noQuery } from './parameters.ts';

const seedCollisions = sharedSeeds
  .nullable()
  .describe('seeds of the experiment that share augmentation streams in this condition; null for old experiments');

const experimentAudit = z.object({
  conditions: z.array(
    z.object({
      conditionId: z.uuid(),
      label: z.string(),
      levels: z.record(z.string(), z.unknown()).readonly(),
      summary: auditSummary.describe('of its first audited run'),
      seedCollisions,
      runs: z.array(z.object({ runId: z.uuid(), seed: z.int(), audit: runAudit.nullable() })),
    }),
  ),
});
export type AuditView = z.output<typeof experimentAudit>;

const shared = { params: idParameters, querystring: noQuery };

export function auditRoutes(app: Api, { database }: ApiContext): void {
  app.get('/v1/experiments/:id/audit', {
    schema: {
      ...shared,
      tags: ['experiments'],
      summary: 'The exact count of repeated randomness in every run, by condition',
      response: { 200: experimentAudit, ...errorResponses('id_invalid', 'query_invalid', 'experiment_not_found') },
    },
    handler: async ({ params }) => {
      const { id, runCount } = await findExperiment(database, params.id);
      const [conditions, { items }] = await Promise.all([
        listConditions(database, id),
        listRuns(database, { experimentId: id, limit: runCount }),
      ]);
      const runsOf = new Map(conditions.map((condition): [string, (typeof items)[number][]] => [condition.id, []]));
      for (const run of items) runsOf.get(run.conditionId)?.push(run);
      return {
        conditions: conditions.map((condition) => {
          const runs = (runsOf.get(condition.id) ?? []).map((run) => ({ ...run, ...describeStoredAudit(run.audit) }));
          return {
            conditionId: condition.id,
            label: describeLevels(condition.levels),
            levels: condition.levels,
            summary: runs.find(({ summary }) => summary !== null)?.summary ?? null,
            seedCollisions: storedCollisions(condition.seedCollisions),
            runs: runs.map(({ id: runId, seed, audit }) => ({ runId, seed, audit })),
          };
        }),
      };
    },
  });

  app.get('/v1/runs/:id/audit', {
    schema: {
      ...shared,
      tags: ['runs'],
      summary: 'The exact count of repeated randomness in the run',
      response: {
        200: z.object({ runId: z.uuid(), summary: auditSummary, audit: runAudit.nullable(), seedCollisions }),
        ...errorResponses('id_invalid', 'query_invalid', 'run_not_found'),
      },
    },
    handler: async ({ params: { id } }) => {
      const run = await findRun(database, id);
      return {
        runId: run.id,
        ...describeStoredAudit(run.audit),
        seedCollisions: storedCollisions(run.seedCollisions),
      };
    },
  });
}
