// How a process talks to Redis: it reconnects for ever, and says once that the line is down.
import type { Logger } from '@reseed/config';
import { Redis } from 'ioredis';

const LONGEST_PAUSE_MS = 2000;
/**
 * A line that owes an answer for so long is taken for dead and made anew; a host that vanished would otherwise be noticed
 * after a quarter of an hour. Longer than any answer takes: a worker's blocking read returns after 2 s.
 */
const SILENCE_LIMIT_MS = 8000;

/**
 * @param options.patience 'impatient': a command fails when the line is down, so that a request is answered; 'patient':
 *   it waits, as a worker's blocking read must
 */
export function connectRedis(options: {
  readonly url: string;
  readonly logger: Logger;
  readonly patience: 'patient' | 'impatient';
}): Redis {
  const { url, logger, patience } = options;
  const redis = new Redis(url, {
    retryStrategy: (times) => Math.min(100 * times, LONGEST_PAUSE_MS),
    connectTimeout: 5000,
    socketTimeout: SILENCE_LIMIT_MS,
    // Not 1: what is under way when the line goes down would wait until it is back, however long (ioredis 6.0).
    maxRetriesPerRequest: patience === 'patient' ? null : 0,
  });
  let told = false;
  redis.on('error', (error: Error) => {
    if (!told) logger.warn({ err: error }, 'Redis does not answer; trying again');
    told = true;
  });
  redis.on('ready', () => {
    if (told) logger.info('Redis answers again');
    told = false;
  });
  return redis;
}
