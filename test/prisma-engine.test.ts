// The Prisma CLI over the stand-in for its schema engine, on a copy of prisma/; and when the stand-in is chosen.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { root, sql } from './services/private-home.ts';

interface Outcome {
  readonly code: number;
  /** Both streams, one after the other. */
  readonly said: string;
}

// The CLI needs a second of processor time for each command; other files run at the same time.
vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), 'reseed-prisma-'));
const standIn = join(root, 'infra/prisma-engine/schema-engine.mjs');
const nobody = 'http://127.0.0.1:1';
const server = inject('databaseUrl');
const names: string[] = [];
const listeners: Server[] = [];

beforeAll(() => {
  cpSync(join(root, 'prisma'), join(folder, 'prisma'), { recursive: true });
  cpSync(join(root, 'prisma.config.ts'), join(folder, 'prisma.config.ts'));
  for (const name of ['node_modules', 'infra']) symlinkSync(join(root, name), join(folder, name), 'junction');
});

afterAll(async () => {
  for (const listener of listeners) {
    listener.closeAllConnections();
    listener.close();
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  for (const name of names) await sql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
});

/** The address of a database that does not exist yet. */
function newDatabase(): { readonly name: string; readonly url: string } {
  const name = `prisma_${process.pid}_${names.length}`;
  names.push(name);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { name, url: url.href };
}

/** Runs a program of Node with nothing of this process's environment but what it cannot do without. */
function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const { PATH } = process.env;
  const complete = { PATH, HOME: folder, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env: complete }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), said: stdout + stderr });
    }).stdin?.end();
  });
}

function prisma(command: string, databaseUrl: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const cli = join(root, 'node_modules/prisma/build/index.js');
  const engine = { PRISMA_SCHEMA_ENGINE_BINARY: standIn };
  return run([cli, ...command.split(' ')], { ...engine, DATABASE_URL: databaseUrl, ...env });
}

/** Something that answers on a port of its own, or stays silent. */
async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const listener = createServer(answer);
  listeners.push(listener);
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

describe('the Prisma CLI over the stand-in', () => {
  const { name, url } = newDatabase();
  const migrations = () => readdirSync(join(folder, 'prisma/migrations')).filter((each) => /^\d/.test(each));
  const columns = async (databaseUrl: string) => {
    const rows = await sql(
      databaseUrl,
      "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'experiment' AND column_name = 'note'",
    );
    return rows.map(({ column_name, data_type }) => `${String(column_name)} ${String(data_type)}`);
  };

  it('deploys all migrations on an empty database', async () => {
    await sql(server, `CREATE DATABASE ${name}`);
    const { code, said } = await prisma('migrate deploy', url);
    expect(said).toContain('All migrations have been successfully applied.');
    expect(code).toBe(0);
    const applied = await sql(
      url,
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1',
    );
    expect(applied.map(({ migration_name }) => migration_name)).toEqual(migrations());
    expect(await sql(url, "SELECT to_regclass('run') IS NOT NULL AS made")).toEqual([{ made: true }]);
  });

  it('says that it is up to date, and that schema and migrations agree', async () => {
    const [status, diff] = await Promise.all([
      // Not named: prisma.config.ts finds that nothing can be downloaded from here.
      prisma('migrate status', url, { PRISMA_SCHEMA_ENGINE_BINARY: '', PRISMA_ENGINES_MIRROR: nobody }),
      prisma('migrate diff --from-migrations prisma/migrations --to-schema prisma/schema.prisma --exit-code', url),
    ]);
    expect(status.said).toContain('Database schema is up to date!');
    expect(status.code).toBe(0);
    expect(diff.said, 'prisma/schema.prisma and prisma/migrations differ').toContain('No difference detected.');
    expect(diff.code).toBe(0);
  });

  it('writes and applies the migration of a changed schema', async () => {
    const before = migrations();
    const schema = join(folder, 'prisma/schema.prisma');
    const changed = readFileSync(schema, 'utf8').replace(/^model Experiment \{$/m, '$&\n  note String?');
    writeFileSync(schema, changed);
    const diff = await prisma(
      'migrate diff --from-migrations prisma/migrations --to-schema prisma/schema.prisma --exit-code',
      url,
    );
    expect(diff).toMatchObject({ code: 2, said: expect.stringContaining('note') as string });

    const { code, said } = await prisma('migrate dev --name add-note', url);
    expect(said).toContain('Your database is now in sync with your schema.');
    expect(code).toBe(0);
    const added = migrations().filter((each) => !before.includes(each));
    expect(added).toEqual([expect.stringMatching(/^\d{14}_add_note$/)]);
    const statement = readFileSync(join(folder, 'prisma/migrations', added[0] ?? '', 'migration.sql'), 'utf8');
    expect(statement.trim()).toBe('-- AlterTable\nALTER TABLE "experiment" ADD COLUMN     "note" TEXT;');
    expect(await columns(url)).toEqual(['note text']);
  });

  it('resets a database to its migrations', async () => {
    await sql(url, 'CREATE TABLE left_over (a int)');
    const { code, said } = await prisma('migrate reset --force', url);
    expect(said).toContain('Database reset successful');
    expect(code).toBe(0);
    expect(await sql(url, "SELECT to_regclass('left_over') IS NULL AS gone")).toEqual([{ gone: true }]);
    expect(await columns(url)).toEqual(['note text']);
    expect(await sql(url, 'SELECT count(*)::int AS applied FROM _prisma_migrations')).toEqual([
      { applied: migrations().length },
    ]);
  });

  it('runs a migration whole, semicolons and all, and names one that fails', async () => {
    const write = (migration: string, text: string) => {
      mkdirSync(join(folder, 'prisma/migrations', migration));
      writeFileSync(join(folder, 'prisma/migrations', migration, 'migration.sql'), text);
    };
    write(
      '29990101000000_function',
      "CREATE FUNCTION twice(a int) RETURNS text AS $$ BEGIN a := a * 2; RETURN a || ';'; END; $$ LANGUAGE plpgsql;",
    );
    write('29990101000001_wrong', 'CREATE TABLE half (a int); ALTER TABLE missing_table ADD COLUMN a int;');
    const { code, said } = await prisma('migrate deploy', url);
    expect(code).toBe(1);
    expect(said).toContain('missing_table');
    expect(said).toContain('29990101000001_wrong');
    expect(await sql(url, 'SELECT twice(21)')).toEqual([{ twice: '42;' }]);
    expect(await sql(url, "SELECT to_regclass('half') IS NULL AS gone")).toEqual([{ gone: true }]);
    const status = await prisma('migrate status', url);
    expect(status.code).toBe(1);
    expect(status.said).toMatch(/migrations? have failed:\s+29990101000001_wrong/);
  });

  it('pushes the schema to a database that it makes', async () => {
    const own = newDatabase();
    const { code, said } = await prisma('db push', own.url);
    expect(said).toContain('Your database is now in sync with your Prisma schema.');
    expect(code).toBe(0);
    expect(await columns(own.url)).toEqual(['note text']);
  });

  it("fails with the codes of Prisma's error reference", async () => {
    const wrong = new URL(url);
    wrong.password = 'wrong';
    const [refused, unreachable, missing] = await Promise.all([
      prisma('migrate deploy', wrong.href),
      prisma('migrate deploy', 'postgresql://reseed:secret@127.0.0.1:1/reseed'),
      prisma('migrate status', newDatabase().url),
    ]);
    expect(refused.said).toMatch(/P1000: Authentication failed .* "reseed"/);
    expect(unreachable.said).toMatch(/P1001: Can't reach database server at `127\.0\.0\.1:1`/);
    expect(missing.said).toMatch(/P1003: Database `\w+` does not exist/);
    expect([refused.code, unreachable.code, missing.code]).toEqual([1, 1, 1]);
    for (const { said } of [refused, unreachable]) expect(said).not.toMatch(/secret|wrong/);
  });

  it('leaves no shadow database behind', async () => {
    expect(await sql(server, "SELECT datname FROM pg_database WHERE datname LIKE 'prisma_migrate_shadow%'")).toEqual(
      [],
    );
  });
});

describe('the choice of the schema engine', () => {
  // A tree of its own, because here Prisma's own engine may be installed or not.
  const tree = join(folder, 'tree');
  const engines = join(tree, 'node_modules/@prisma/engines');
  const chooser = join(tree, 'infra/prisma-engine/choose-engine.mjs');
  const script = `
    const { chooseSchemaEngine } = await import(process.argv[1]);
    const chosen = await chooseSchemaEngine(process.env);
    console.log(JSON.stringify({ chosen, engine: process.env.PRISMA_SCHEMA_ENGINE_BINARY }));
  `;

  beforeAll(() => {
    const real = join(root, 'node_modules');
    cpSync(join(root, 'infra/prisma-engine'), join(tree, 'infra/prisma-engine'), { recursive: true });
    for (const name of ['prisma', '@prisma/engines']) {
      mkdirSync(join(tree, 'node_modules', name), { recursive: true });
      cpSync(join(real, name, 'package.json'), join(tree, 'node_modules', name, 'package.json'));
    }
    for (const name of readdirSync(join(real, '@prisma')).filter((each) => each !== 'engines')) {
      symlinkSync(join(real, '@prisma', name), join(tree, 'node_modules/@prisma', name), 'junction');
    }
    const nested = join(real, '@prisma/engines/node_modules');
    if (existsSync(nested)) symlinkSync(nested, join(engines, 'node_modules'), 'junction');
  });

  async function choose(env: NodeJS.ProcessEnv): Promise<{ readonly chosen: string; readonly engine?: string }> {
    const outcome = await run(['--input-type=module', '--eval', script, pathToFileURL(chooser).href], env);
    expect(outcome, outcome.said).toMatchObject({ code: 0 });
    return JSON.parse(outcome.said) as { chosen: string };
  }

  it('takes the one that is named', async () => {
    const env = { PRISMA_SCHEMA_ENGINE_BINARY: '/some/engine', PRISMA_ENGINES_MIRROR: nobody };
    expect(await choose(env)).toEqual({ chosen: 'named', engine: '/some/engine' });
  });

  it('leaves the CLI alone where a mirror has the engine', async () => {
    const asked: string[] = [];
    const mirror = await listen(({ method, url }, response) => {
      asked.push(`${method} ${url}`);
      response.end();
    });
    expect(await choose({ PRISMA_ENGINES_MIRROR: mirror })).toEqual({ chosen: 'downloadable' });
    expect(asked).toEqual([
      expect.stringMatching(/^HEAD \/all_commits\/[0-9a-f]{40}\/[\w.-]+\/schema-engine\.gz\.sha256$/),
    ]);
    expect(await choose({ PRISMA_BINARIES_MIRROR: mirror, PRISMA_ENGINES_MIRROR: nobody })).toMatchObject({
      chosen: 'downloadable',
    });
  });

  it('takes the stand-in where a mirror refuses, stays silent or does not exist', async () => {
    const mirrors = [
      await listen((_, response) => response.writeHead(403).end()),
      await listen(() => {}),
      nobody,
      'http://nowhere.invalid',
    ];
    const choices = await Promise.all(mirrors.map((mirror) => choose({ PRISMA_ENGINES_MIRROR: mirror })));
    const own = join(tree, 'infra/prisma-engine/schema-engine.mjs');
    expect(choices).toEqual(mirrors.map(() => ({ chosen: 'stand-in', engine: own })));
  });

  it('leaves the CLI alone where the engine is installed', async () => {
    const program = join(engines, 'schema-engine-debian-openssl-3.0.x');
    writeFileSync(program, '');
    expect(await choose({ PRISMA_ENGINES_MIRROR: nobody })).toEqual({ chosen: 'installed' });
    rmSync(program);
  });
});
