// A database and a Redis of one test file's own, on the shared servers, so that files run side by side.
import { applyMigrations, type Database, openDatabase } from '@reseed/database';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, inject } from 'vitest';

/** Redis has sixteen logical databases; 0 stays free. */
const REDIS_DATABASES = 15;

/** A new, migrated database; dropped after the file's last test. */
export async function ownDatabase(): Promise<Database> {
  const server = new URL(inject('databaseUrl'));
  const name = `test_${process.pid}_${Date.now().toString(36)}`;
  const onServer = async (statement: string) => {
    const client = new pg.Client({ connectionString: server.href });
    try {
      await client.connect();
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await onServer(`CREATE DATABASE ${name}`);
  const own = new URL(server);
  own.pathname = `/${name}`;
  await applyMigrations({ url: own.href });
  const database = openDatabase({ url: own.href });
  afterAll(async () => {
    await database.close();
    await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
  });
  return database;
}

/** The address of an empty Redis that no other test file uses at this time. */
export async function ownRedis(): Promise<string> {
  const url = new URL(inject('redisUrl'));
  url.pathname = `/${1 + (Number(process.env['VITEST_POOL_ID'] ?? '0') % REDIS_DATABASES)}`;
  await emptyRedis(url.href);
  return url.href;
}

/** What FLUSHALL does to a server of one's own. */
export async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushdb();
  await redis.quit();
}
