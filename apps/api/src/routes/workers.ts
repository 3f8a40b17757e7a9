// Workers: the processes that own a device, and whether they live.
import { listWorkers } from '@reseed/database';
import { z } from 'zod';
import type { Api, ApiContext } from '../api-context.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { noQuery } from './parameters.ts';
import { backend } from './run-schemas.ts';

const worker = z.object({
  id: z.uuid(),
  host: z.string(),
  pid: z.int(),
  backend,
  codeVersion: z.string(),
  alive: z.boolean().describe('its last heartbeat is recent and it has not stopped'),
  runId: z.uuid().nullable().describe('the run it holds'),
  startedAt: z.date(),
  heartbeatAt: z.date(),
  stoppedAt: z.date().nullable(),
});

export function workerRoutes(app: Api, { database }: ApiContext): void {
  app.get('/v1/workers', {
    schema: {
      tags: ['operations'],
      summary: 'The last 100 workers, the one heard of last first',
      querystring: noQuery,
      response: { 200: z.object({ items: z.array(worker).readonly() }), ...errorResponses('query_invalid') },
    },
    handler: async () => ({ items: await listWorkers(database) }),
  });
}
