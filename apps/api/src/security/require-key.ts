// Lets a request through only with the API key, when the server has one.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../errors/api-error.ts';

/** Answers without a key, so that an orchestrator can see that the process lives. */
const OPEN_ROUTE = '/healthz';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function givenKey({ headers }: FastifyRequest): string | undefined {
  const own = headers['x-api-key'];
  if (typeof own === 'string') return own;
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Refuses every request without the key, unknown routes, documentation and queue dashboard included. */
export function requireKey(app: FastifyInstance, key: string): void {
  const expected = digest(key);
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url === OPEN_ROUTE) return;
    const given = givenKey(request);
    // Digests have one length, as timingSafeEqual wants, and give away nothing about the key's own.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    void reply.header('WWW-Authenticate', 'Bearer');
    throw new ApiError('unauthorized');
  });
}
