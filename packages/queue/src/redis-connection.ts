// How a process talks to Redis: it reconnects for ever, and says once that the line is down.
import type { Logger } from '@reseed/config';
import { Redis } from 'ioredis';

const LONGEST_PAUSE_MS = 2000;

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
    maxRetriesPerRequest: patience === 'patient' ? null : 1,
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
