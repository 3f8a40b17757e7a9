// Refuses requests that change something when a browser sends them from a page of another site.
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors/api-error.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '::1' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

function isForeign(origin: string, host: string | undefined, listensOn: string): boolean {
  if (!URL.canParse(origin)) return true;
  const page = new URL(origin);
  if (page.host !== host) return true;
  // A name that somebody rebinds to 127.0.0.1 makes Origin and Host agree; on loopback only loopback names count.
  return isLoopback(listensOn) && !isLoopback(page.hostname);
}

/** @param listensOn the host name or address that the server listens on */
export function refuseForeignOrigin(app: FastifyInstance, listensOn: string): void {
  app.addHook('onRequest', async ({ method, headers }) => {
    const { origin, host } = headers;
    if (SAFE_METHODS.has(method) || origin === undefined) return;
    if (isForeign(origin, host, listensOn)) throw new ApiError('origin_refused', { origin });
  });
}
