// Queues: how many jobs each one holds, by state.
import { DEVICE_CLASSES } from '@reseed/experiment';
import { z } from 'zod';
import type { Api, ApiContext } from '../api-context.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { noQuery } from './parameters.ts';

const queue = z.object({
  name: z.string(),
  deviceClass: z.enum(DEVICE_CLASSES),
  counts: z.record(z.string(), z.int()).readonly().describe('jobs by state; runs wait as "prioritized"'),
});

export function queueRoutes(app: Api, { queues }: ApiContext): void {
  app.get('/v1/queues', {
    schema: {
      tags: ['operations'],
      summary: 'The queue of each device class; Postgres, not the queue, is the record of runs',
      querystring: noQuery,
      response: { 200: z.object({ queues: z.array(queue).readonly() }), ...errorResponses('query_invalid') },
    },
    handler: async () => ({ queues: await queues.counts() }),
  });
}
