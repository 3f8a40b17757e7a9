// Opens the record: a Prisma client over a pool of Postgres connections.
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

/** The handle that every verb of this package takes. */
export interface Database {
  readonly url: string;
  readonly client: PrismaClient;
  /** Ends the pool; statements in flight finish first. */
  close(): Promise<void>;
}

/** Long enough for a loaded server, short enough that a request does not hang on a dead one. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects on the first statement, not here.
 *
 * @param options.url `postgresql://…`
 * @param options.poolSize most connections at once (default 10)
 * @param options.onConnectionError told of an idle connection that broke; the pool replaces it by itself
 */
export function openDatabase(options: {
  readonly url: string;
  readonly poolSize?: number;
  readonly onConnectionError?: (error: Error) => void;
}): Database {
  const { url, poolSize = 10, onConnectionError } = options;
  const adapter = new PrismaPg(
    {
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      // The adapter drops the offset of every timestamptz, so sessions must speak UTC.
      options: '-c TimeZone=UTC',
    },
    onConnectionError === undefined ? {} : { onPoolError: onConnectionError },
  );
  const client = new PrismaClient({ adapter });
  return { url, client, close: () => client.$disconnect() };
}
