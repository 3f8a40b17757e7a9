// What an experiment says: its comparisons with their verdicts, and the audit of its randomness.
import { comparisonData, listRuns } from '@reseed/database';
import { describeLevels } from '@reseed/experiment';
import { z } from 'zod';
import type { Api, ApiContext } from '../api-context.ts';
import { buildComparison } from '../comparison/comparison-rows.ts';
import { comparisonQuery, requestedPlan } from '../comparison/request-comparison.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { auditSummary, describeStoredAudit, runAudit } from './audit-schemas.ts';
import { comparisonAnswer } from './comparison-schemas.ts';
import { findExperiment } from './find-experiment.ts';
import { idParameters, noQuery } from './parameters.ts';

const errors = errorResponses('id_invalid', 'query_invalid', 'experiment_not_found');
const shared = { tags: ['experiments'], params: idParameters };

const experimentAudit = z.object({
  conditions: z.array(
    z.object({
      conditionId: z.uuid(),
      label: z.string(),
      levels: z.record(z.string(), z.unknown()).readonly(),
      summary: auditSummary.describe('of its first audited run'),
      runs: z.array(z.object({ runId: z.uuid(), seed: z.int(), audit: runAudit.nullable() })),
    }),
  ),
});
export type AuditView = z.output<typeof experimentAudit>;

export function comparisonRoutes(app: Api, { database }: ApiContext): void {
  app.get('/v1/experiments/:id/comparison', {
    schema: {
      ...shared,
      summary: 'Paired differences with intervals, tests and a verdict',
      description:
        'The comparisons that the grid declared, or, with `factor` and `baseline`, one made now, which is exploratory. Runs are paired by seed; what is missing is listed, never averaged over.',
      querystring: comparisonQuery,
      response: { 200: comparisonAnswer, ...errors },
    },
    handler: async ({ params, query }) => {
      const { id, compare } = await findExperiment(database, params.id);
      const requested = requestedPlan(query);
      return buildComparison(requested === undefined ? compare : [requested], await comparisonData(database, id));
    },
  });

  app.get('/v1/experiments/:id/audit', {
    schema: {
      ...shared,
      summary: 'The exact count of repeated randomness in every run, by condition',
      querystring: noQuery,
      response: { 200: experimentAudit, ...errors },
    },
    handler: async ({ params }) => {
      const { id, runCount } = await findExperiment(database, params.id);
      const { items } = await listRuns(database, { experimentId: id, limit: runCount });
      return { conditions: auditsByCondition(items) };
    },
  });
}

type RunList = Awaited<ReturnType<typeof listRuns>>['items'];

function auditsByCondition(runs: RunList): AuditView['conditions'] {
  const conditions = new Map<string, AuditView['conditions'][number]>();
  for (const { conditionId, levels, id, seed, audit: stored } of runs) {
    const { summary, audit } = describeStoredAudit(stored);
    const condition = conditions.get(conditionId) ?? {
      conditionId,
      label: describeLevels(levels),
      levels,
      summary,
      runs: [],
    };
    condition.summary ??= summary;
    condition.runs.push({ runId: id, seed, audit });
    conditions.set(conditionId, condition);
  }
  return [...conditions.values()];
}
