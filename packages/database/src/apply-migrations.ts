// Brings the database to this code's schema at start-up, as `prisma migrate deploy` would, without the Prisma CLI.
//
// The record is Prisma's own table and the lock is Prisma's own: starters and the CLI may run at the same time, in any
// number; one applies, the others wait and find nothing to do. A migration and its record are one transaction.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** The advisory lock that the Prisma CLI takes (prisma-engines, sql-schema-connector: ADVISORY_LOCK_KEY). */
const PRISMA_LOCK = 72_707_369;

/** As the Prisma CLI makes it, column by column. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

const ownMigrations = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

export type MigrationProblem =
  /** the file differs from what was applied */
  | 'changed'
  /** the Prisma CLI began to apply it and did not finish */
  | 'unfinished'
  /** the database has it, this code does not: it was migrated by newer code */
  | 'unknown';

const ADVICE: Readonly<Record<MigrationProblem, string>> = {
  changed: 'its file differs from what was applied; restore the file or start with another database',
  unfinished: 'an earlier attempt failed; see `npx prisma migrate resolve`',
  unknown: 'this code does not have it; update this code or use another database',
};

/** The database and this code's migrations do not fit. Nothing was changed. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly migration: string;
  readonly problem: MigrationProblem;

  constructor(migration: string, problem: MigrationProblem) {
    super(`Migration ${migration}: ${ADVICE[problem]}.`);
    this.migration = migration;
    this.problem = problem;
  }
}

interface Migration {
  readonly name: string;
  readonly script: string;
  /** sha256 of the script's bytes, hexadecimal */
  readonly checksum: string;
}

interface AppliedRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(`${folder}/${entry.name}/migration.sql`))
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const bytes = readFileSync(`${folder}/${name}/migration.sql`);
      return { name, script: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    });
}

/**
 * @param options.url `postgresql://…`
 * @param options.folder with one folder per migration; the project's own unless told otherwise
 * @returns the names of the migrations that this call applied
 * @throws MigrationError
 */
export async function applyMigrations(options: {
  readonly url: string;
  readonly folder?: string;
}): Promise<readonly string[]> {
  const migrations = readMigrations(options.folder ?? ownMigrations);
  const session = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: 10_000 });
  // A lost connection fails the statement in hand; unheard, it would end the process as well.
  session.on('error', () => {});
  await session.connect();
  try {
    await session.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
    await session.query(TABLE);
    const missing = await findMissing(session, migrations);
    for (const migration of missing) await apply(session, migration);
    return missing.map(({ name }) => name);
  } finally {
    // The end of the session frees the lock.
    await session.end();
  }
}

async function findMissing(session: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await session.query<AppliedRow>(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
     FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
  );
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { migration_name: name, checksum, finished } of rows) {
    if (!finished) throw new MigrationError(name, 'unfinished');
    const migration = known.get(name);
    if (migration === undefined) throw new MigrationError(name, 'unknown');
    if (migration.checksum !== checksum) throw new MigrationError(name, 'changed');
    known.delete(name);
  }
  return [...known.values()];
}

async function apply(session: pg.Client, { name, script, checksum }: Migration): Promise<void> {
  await session.query('BEGIN');
  try {
    await session.query(script);
    await session.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES (gen_random_uuid()::text, $1, $2, clock_timestamp(), 1)`,
      [checksum, name],
    );
    await session.query('COMMIT');
  } catch (error) {
    // On a lost connection this fails too, and Postgres rolls back by itself: the first error is the one to tell.
    await session.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
