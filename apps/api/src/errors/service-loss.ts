// Tells errors that mean "Postgres or Redis does not answer" from defects.

/** Sockets; Postgres classes 08, 53, 57 (connection, resources, operator); Prisma's connection errors. */
const CODES =
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|08\w{3}|53\w{3}|57\w{3}|P1001|P1002|P1008|P1017|P2024|P2028)$/;

/** What pg, Prisma's adapter and ioredis say without a code. */
const TEXTS =
  /timeout exceeded when trying to connect|connection terminated|can't reach database|connection is closed|stream isn't writeable|max retries per request|command timed out|cannot use a pool after calling end/i;

const KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);

/** Prisma wraps the driver's error two levels deep; five is a guard against circles. */
const DEPTH = 5;

/** Follows `cause` and aggregated errors. */
export function isServiceLoss(error: unknown, depth = DEPTH): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  const { code, originalCode, kind, message, name, cause, errors } = error as Record<string, unknown>;
  if ([code, originalCode].some((value) => typeof value === 'string' && CODES.test(value))) return true;
  if (typeof kind === 'string' && KINDS.has(kind)) return true;
  if (name === 'MaxRetriesPerRequestError' || (typeof message === 'string' && TEXTS.test(message))) return true;
  const inner: unknown[] = Array.isArray(errors) ? [cause, ...(errors as unknown[])] : [cause];
  return inner.some((one) => isServiceLoss(one, depth - 1));
}
