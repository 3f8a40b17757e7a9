// What the API works with; everything is opened and closed by whoever builds it.
import type { Artifacts } from '@reseed/artifacts';
import type { Config, Logger } from '@reseed/config';
import type { Database } from '@reseed/database';
import type { Queues } from '@reseed/queue';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ApiContext {
  readonly database: Database;
  readonly queues: Queues;
  /** where the workers leave weights */
  readonly artifacts: Artifacts;
  readonly logger: Logger;
  readonly config: Pick<Config, 'RESEED_API_KEY' | 'RESEED_HOST' | 'RESEED_RUN_LIMIT'>;
  /** Asks the reconciler to enqueue new runs now; returns at once and never throws. */
  readonly kick: () => void;
}

/** A Fastify instance whose handlers get their types from the routes' zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
