// Finds or starts the Postgres and the Redis of one state home, and stops what it started.
import type { Config, Logger } from '@reseed/config';
import { withFolderLock } from '@reseed/config';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceUnreachableError } from './errors.ts';
import { askPostgres } from './ask-postgres.ts';
import type { OwnService } from './instance-record.ts';
import { providePostgres, stopPostgres } from './postgres.ts';
import { askRedis, provideRedis, stopRedis } from './redis.ts';
import { serviceFolders } from './service-folders.ts';
import { untilAnswers } from './until-answers.ts';

/** A first start may fetch package lists and unpack programs on a slow line. */
const LOCK_WAIT_MS = 300_000;
/** Servers of a compose file start next to us, in milliseconds. */
const GIVEN_WAIT_MS = 15_000;

export interface RunningServices {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** What this call started; false for what it found alive or was given. */
  readonly started: { readonly postgres: boolean; readonly redis: boolean };
  /** Stops what this call started and nothing else. Without it the servers live on, and the next call finds them. */
  stop(): Promise<void>;
}

/**
 * Takes the servers that the environment names, or those of the state home: alive ones as they are, others started on
 * loopback, each with its own port, password and data folder. Processes that call at once get the same servers.
 *
 * @param options.home state home; made where missing
 * @param options.givenWaitMs longest wait for a server that the environment names, in milliseconds; default 15,000
 * @throws PostgresUnavailableError, RedisUnavailableError, ServiceStartError, ServiceFolderError,
 *   ServiceUnreachableError, LockTimeoutError
 */
export async function startServices(options: {
  readonly home: string;
  readonly logger: Logger;
  readonly env: Partial<Pick<Config, 'DATABASE_URL' | 'REDIS_URL'>>;
  readonly givenWaitMs?: number;
}): Promise<RunningServices> {
  const { home, logger, env, givenWaitMs = GIVEN_WAIT_MS } = options;
  const given = await Promise.all([
    env.DATABASE_URL === undefined ? undefined : take('DATABASE_URL', env.DATABASE_URL, askPostgres, givenWaitMs),
    env.REDIS_URL === undefined ? undefined : take('REDIS_URL', env.REDIS_URL, askRedis, givenWaitMs),
  ]);
  const [postgres, redis] =
    given[0] && given[1] ? [given[0], given[1]] : await provide({ home, logger, postgres: given[0], redis: given[1] });

  const started = { postgres: postgres.how === 'started', redis: redis.how === 'started' };
  let stopping: Promise<void> | undefined;
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    started,
    stop: () => {
      stopping ??= stopThese(home, {
        postgres: started.postgres ? postgres.pid : undefined,
        redis: started.redis ? redis.pid : undefined,
      });
      return stopping;
    },
  };
}

/**
 * Stops the servers of this state home, whoever started them.
 *
 * @throws LockTimeoutError
 */
export async function stopServices(options: { readonly home: string }): Promise<void> {
  if (!existsSync(join(options.home, 'services'))) return;
  const folders = serviceFolders(options.home);
  await withFolderLock(folders.lock, { waitMs: LOCK_WAIT_MS }, async () => {
    await Promise.all([stopPostgres({ folder: folders.postgres }), stopRedis({ folder: folders.redis })]);
  });
}

type Provided = OwnService | { readonly url: string; readonly how: 'given'; readonly pid: 0 };

async function provide(options: {
  readonly home: string;
  readonly logger: Logger;
  readonly postgres: Provided | undefined;
  readonly redis: Provided | undefined;
}): Promise<[Provided, Provided]> {
  const { home, logger } = options;
  const folders = serviceFolders(home);
  const cache = join(home, 'cache');
  return withFolderLock(folders.lock, { waitMs: LOCK_WAIT_MS }, async () => {
    const [postgres, redis] = await Promise.allSettled([
      options.postgres ?? providePostgres({ folder: folders.postgres, cache, logger }),
      options.redis ?? provideRedis({ folder: folders.redis, cache, logger }),
    ]);
    if (postgres.status === 'fulfilled' && redis.status === 'fulfilled') return [postgres.value, redis.value];
    // One alone is of no use: what came up a moment ago goes down again.
    if (postgres.status === 'fulfilled' && postgres.value.how === 'started') {
      await stopPostgres({ folder: folders.postgres, onlyPid: postgres.value.pid });
    }
    if (redis.status === 'fulfilled' && redis.value.how === 'started') {
      await stopRedis({ folder: folders.redis, onlyPid: redis.value.pid });
    }
    throw postgres.status === 'rejected' ? postgres.reason : (redis as PromiseRejectedResult).reason;
  });
}

async function stopThese(
  home: string,
  pids: { readonly postgres: number | undefined; readonly redis: number | undefined },
): Promise<void> {
  if (pids.postgres === undefined && pids.redis === undefined) return;
  const folders = serviceFolders(home);
  await withFolderLock(folders.lock, { waitMs: LOCK_WAIT_MS }, async () => {
    await Promise.all([
      pids.postgres === undefined ? undefined : stopPostgres({ folder: folders.postgres, onlyPid: pids.postgres }),
      pids.redis === undefined ? undefined : stopRedis({ folder: folders.redis, onlyPid: pids.redis }),
    ]);
  });
}

async function take(
  variable: 'DATABASE_URL' | 'REDIS_URL',
  url: string,
  ask: (url: string) => Promise<void>,
  limitMs: number,
): Promise<Provided> {
  try {
    await untilAnswers(() => ask(url), { limitMs });
  } catch (error) {
    throw new ServiceUnreachableError(variable, limitMs, error);
  }
  return { url, how: 'given', pid: 0 };
}
