// Chooses one process among several for a task, by an advisory lock that Postgres frees when the holder's session ends.
import pg from 'pg';
import type { Database } from './open-database.ts';

export type LeaderTask = 'reconcile';

export interface Leadership {
  /** False once the session that holds the lock has ended; somebody else may then lead. */
  held(): boolean;
  release(): Promise<void>;
}

/**
 * Takes the lead of a task unless another process has it. The lock lives on a connection of its own, beside the pool.
 * A holder that is cut off learns of it late, so two may lead for a moment: tasks must bear that.
 *
 * @returns undefined when another process leads
 */
export async function tryLeadership(database: Database, task: LeaderTask): Promise<Leadership | undefined> {
  const session = new pg.Client({ connectionString: database.url, keepAlive: true, connectionTimeoutMillis: 10_000 });
  let held = false;
  const lose = () => {
    held = false;
  };
  session.on('error', lose).on('end', lose);
  try {
    await session.connect();
    const { rows } = await session.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
      [`reseed ${task}`],
    );
    held = rows[0].taken;
  } finally {
    if (!held) await session.end();
  }
  return held ? { held: () => held, release: () => session.end() } : undefined;
}
