// Health: /healthz says that the process lives, /readyz that it can serve.
import { z } from 'zod';
import type { Api, ApiContext } from '../api-context.ts';
import { ApiError } from '../errors/api-error.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { noQuery } from './parameters.ts';

/** Longer than any healthy answer, shorter than an orchestrator's patience. */
const ANSWER_LIMIT_MS = 3000;

async function answers(ask: () => Promise<unknown>): Promise<'ok' | 'no answer'> {
  const limit = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('too slow')), ANSWER_LIMIT_MS).unref();
  });
  try {
    await Promise.race([ask(), limit]);
    return 'ok';
  } catch {
    return 'no answer';
  }
}

export function healthRoutes(app: Api, { database, queues }: ApiContext): void {
  const shared = { tags: ['operations'], querystring: noQuery };

  app.get('/healthz', {
    schema: {
      ...shared,
      summary: 'The process lives',
      security: [],
      response: { 200: z.object({ status: z.literal('ok') }) },
    },
    handler: () => ({ status: 'ok' as const }),
  });

  app.get('/readyz', {
    schema: {
      ...shared,
      summary: 'Postgres and Redis answer',
      response: { 200: z.object({ postgres: z.literal('ok'), redis: z.literal('ok') }), ...errorResponses() },
    },
    handler: async () => {
      const [postgres, redis] = await Promise.all([
        answers(() => database.client.$queryRaw`SELECT 1`),
        answers(() => queues.ping()),
      ]);
      if (postgres === 'ok' && redis === 'ok') return { postgres, redis };
      throw new ApiError('service_unavailable', { postgres, redis });
    },
  });
}
