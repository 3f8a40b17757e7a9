// Migrations at start-up, on the real Postgres: applied once whoever starts, refused when they do not fit, whole or not at all.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyMigrations, MigrationError, openDatabase } from '@reseed/database';
import pg from 'pg';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { cutLine } from './services/cut-line.ts';
import { root, sql } from './services/private-home.ts';
import { storeSample } from './services/sample-experiment.ts';

/** The advisory lock of the Prisma CLI. */
const PRISMA_LOCK = 72_707_369;
const own = join(root, 'prisma/migrations');
const ownNames = readdirSync(own, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

const databases: string[] = [];
const folders: string[] = [];

afterAll(async () => {
  for (const name of databases) await sql(inject('databaseUrl'), `DROP DATABASE ${name} WITH (FORCE)`);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function emptyDatabase(): Promise<string> {
  const name = `migrations_${process.pid}_${databases.length}`;
  await sql(inject('databaseUrl'), `CREATE DATABASE ${name}`);
  databases.push(name);
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  return url.href;
}

/** A folder of migrations, by name. */
function migrationFolder(scripts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'reseed-migrations-'));
  folders.push(folder);
  for (const [name, script] of Object.entries(scripts)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'migration.sql'), script);
  }
  return folder;
}

const records = (url: string) =>
  sql(
    url,
    `SELECT migration_name AS name, finished_at IS NOT NULL AS finished, applied_steps_count AS steps, logs
     FROM _prisma_migrations ORDER BY migration_name, started_at`,
  );

const tables = async (url: string) => {
  const rows = await sql(url, `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`);
  return rows.map(({ tablename }) => tablename);
};

/** Runs the Prisma CLI as a person would, in the repository's top folder. */
async function prisma(url: string, ...words: string[]): Promise<{ readonly code: unknown; readonly said: string }> {
  const env = {
    ...process.env,
    DATABASE_URL: url,
    PRISMA_SCHEMA_ENGINE_BINARY: join(root, 'infra/prisma-engine/schema-engine.mjs'),
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules/prisma/build/index.js'), ...words],
      { cwd: root, env },
      (error, out, err) => resolve({ code: error?.code ?? 0, said: out + err }),
    );
  });
}

const two = {
  '1_first': 'CREATE TABLE first (id int PRIMARY KEY);',
  '2_second': 'CREATE TABLE second (id int REFERENCES first);',
};

describe('applyMigrations', () => {
  it('applies everything once, however many start at the same time', async () => {
    const url = await emptyDatabase();
    const applied = await Promise.all(Array.from({ length: 5 }, () => applyMigrations({ url })));
    expect(applied.flat()).toEqual(ownNames);
    expect(await applyMigrations({ url })).toEqual([]);
    expect(await records(url)).toEqual(ownNames.map((name) => ({ name, finished: true, steps: 1, logs: null })));
    const database = openDatabase({ url });
    await storeSample(database);
    await database.close();
  });

  it('goes by name, passes over what is no migration, and later adds what is new', async () => {
    const url = await emptyDatabase();
    const folder = migrationFolder({ '2_second': two['2_second'], '1_first': two['1_first'] });
    writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "postgresql"\n');
    mkdirSync(join(folder, '0_empty'));
    expect(await applyMigrations({ url, folder })).toEqual(['1_first', '2_second']);
    cpSync(join(folder, '1_first'), join(folder, '3_third'), { recursive: true });
    writeFileSync(join(folder, '3_third/migration.sql'), `INSERT INTO first VALUES (1); INSERT INTO first VALUES (2);`);
    expect(await applyMigrations({ url, folder })).toEqual(['3_third']);
    expect(await sql(url, 'SELECT id FROM first ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('applies nothing when an applied file has changed', async () => {
    const url = await emptyDatabase();
    await applyMigrations({ url, folder: migrationFolder({ '1_first': two['1_first'] }) });
    const changed = migrationFolder({ ...two, '1_first': `${two['1_first']} -- a comment` });
    await expect(applyMigrations({ url, folder: changed })).rejects.toThrow(
      expect.objectContaining({ name: 'MigrationError', migration: '1_first', problem: 'changed' }),
    );
    expect(await tables(url)).toEqual(['_prisma_migrations', 'first']);
    expect(await records(url)).toHaveLength(1);
  });

  it('applies nothing to a database of newer code', async () => {
    const url = await emptyDatabase();
    await applyMigrations({ url, folder: migrationFolder(two) });
    const older = migrationFolder({ '1_first': two['1_first'], '1_other': 'CREATE TABLE other (id int)' });
    await expect(applyMigrations({ url, folder: older })).rejects.toThrow(
      expect.objectContaining({ name: 'MigrationError', migration: '2_second', problem: 'unknown' }),
    );
    expect(await tables(url)).not.toContain('other');
  });

  it('applies nothing beside an unfinished one, and goes on when it was rolled back', async () => {
    const url = await emptyDatabase();
    const folder = migrationFolder(two);
    await applyMigrations({ url, folder: migrationFolder({ '1_first': two['1_first'] }) });
    await sql(url, `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'y', '2_second')`);
    await expect(applyMigrations({ url, folder })).rejects.toThrow(
      expect.objectContaining({ migration: '2_second', problem: 'unfinished' }),
    );
    await expect(applyMigrations({ url, folder })).rejects.toThrow(MigrationError);
    await sql(url, `UPDATE _prisma_migrations SET rolled_back_at = now() WHERE id = 'x'`);
    expect(await applyMigrations({ url, folder })).toEqual(['2_second']);
  });

  it('rolls a failing script back whole and leaves no record of it, but keeps those before', async () => {
    const url = await emptyDatabase();
    const failing =
      'CREATE TABLE second (id int); INSERT INTO first VALUES (1); SELECT 1 / 0; CREATE TABLE third (id int);';
    const folder = migrationFolder({ ...two, '2_second': failing, '3_third': 'CREATE TABLE fourth (id int)' });
    await expect(applyMigrations({ url, folder })).rejects.toThrow('division by zero');
    expect(await tables(url)).toEqual(['_prisma_migrations', 'first']);
    expect(await sql(url, 'SELECT * FROM first')).toEqual([]);
    expect(await records(url)).toMatchObject([{ name: '1_first', finished: true }]);
    writeFileSync(join(folder, '2_second/migration.sql'), two['2_second']);
    expect(await applyMigrations({ url, folder })).toEqual(['2_second', '3_third']);
  });

  it('takes a script back whose record cannot be written', async () => {
    const url = await emptyDatabase();
    const unrecordable = `CREATE TABLE first (id int);
      ALTER TABLE _prisma_migrations ADD CHECK (migration_name <> '1_first');`;
    await expect(applyMigrations({ url, folder: migrationFolder({ '1_first': unrecordable }) })).rejects.toThrow(
      'check',
    );
    expect(await tables(url)).toEqual(['_prisma_migrations']);
    expect(await applyMigrations({ url, folder: migrationFolder(two) })).toEqual(['1_first', '2_second']);
  });

  it('lets the next one in when the one that holds the lock is lost', async () => {
    const url = await emptyDatabase();
    const folder = migrationFolder({ '1_slow': 'CREATE TABLE slow (id int); SELECT pg_sleep(60);' });
    const slow = applyMigrations({ url, folder });
    const asleep = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`;
    while ((await sql(url, asleep)).length === 0) await sleep(20);
    const next = applyMigrations({ url, folder: migrationFolder(two) });
    const queued = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`;
    while ((await sql(url, queued)).length === 0) await sleep(20);
    const lost = expect(slow).rejects.toThrow('terminating connection');
    await sql(url, `SELECT pg_terminate_backend(pid) FROM (${asleep}) AS holder`);
    await lost;
    expect(await next).toEqual(['1_first', '2_second']);
    expect(await tables(url)).toEqual(['_prisma_migrations', 'first', 'second']);
  });

  it('fails, and nothing more, when its line is cut', async () => {
    const url = await emptyDatabase();
    const line = await cutLine(url);
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
    const waiting = expect(applyMigrations({ url: line.url })).rejects.toThrow(/Connection terminated|ECONNRESET/);
    const queued = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`;
    while ((await sql(url, queued)).length === 0) await sleep(20);
    line.cut();
    await waiting;
    await holder.end();
    expect(await applyMigrations({ url })).toEqual(ownNames);
  });
});

describe('the Prisma CLI', () => {
  it('finds nothing to do and no difference after it', async () => {
    const url = await emptyDatabase();
    await applyMigrations({ url });
    const status = await prisma(url, 'migrate', 'status');
    expect(status).toMatchObject({ code: 0, said: expect.stringContaining('Database schema is up to date!') });
    const difference = await prisma(
      url,
      'migrate',
      'diff',
      '--exit-code',
      '--from-config-datasource',
      '--to-schema',
      'prisma/schema.prisma',
    );
    expect(difference).toMatchObject({ code: 0, said: expect.stringContaining('No difference detected') });
  });

  it('may have applied it all before', async () => {
    const url = await emptyDatabase();
    expect(await prisma(url, 'migrate', 'deploy')).toMatchObject({ code: 0 });
    expect(await applyMigrations({ url })).toEqual([]);
  });
});
