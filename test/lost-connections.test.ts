// What the loss of a connection to Postgres does: the lead of a task changes hands, the pool replaces what broke.
import { type Database, hasLiveWorker, type Leadership, openDatabase, tryLeadership } from '@reseed/database';
import pg from 'pg';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { cutLine } from './services/cut-line.ts';
import { ownDatabase } from './services/own-services.ts';
import { sql } from './services/private-home.ts';

let database: Database;
const leads: Leadership[] = [];

beforeAll(async () => {
  database = await ownDatabase();
});

afterEach(async () => {
  for (const lead of leads.splice(0)) await lead.release();
});

async function tryToLead(from = database): Promise<Leadership | undefined> {
  const lead = await tryLeadership(from, 'reconcile');
  if (lead !== undefined) leads.push(lead);
  return lead;
}

const HOLDER = `SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
  WHERE locktype = 'advisory' AND datname = current_database()`;

describe('tryLeadership', () => {
  it('lets one of many lead', async () => {
    const tries = await Promise.all(Array.from({ length: 10 }, () => tryToLead()));
    const leaders = tries.filter((lead) => lead !== undefined);
    expect(leaders).toHaveLength(1);
    expect(leaders[0].held()).toBe(true);
    expect(await sql(database.url, HOLDER)).toHaveLength(1);
  });

  it('keeps no connection of those who do not lead', async () => {
    await tryToLead();
    const sessions = `SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = current_database()`;
    const before = await sql(database.url, sessions);
    for (let again = 0; again < 5; again++) expect(await tryToLead()).toBeUndefined();
    await vi.waitFor(async () => expect(await sql(database.url, sessions)).toEqual(before), 5000);
  });

  it('lets the next one lead after a release', async () => {
    const first = await tryToLead();
    expect(await tryToLead()).toBeUndefined();
    await first?.release();
    expect(first?.held()).toBe(false);
    await vi.waitFor(async () => expect((await tryToLead())?.held()).toBe(true), 5000);
    expect(await tryToLead()).toBeUndefined();
  });

  it('lets the next one lead when the session of the first is killed, and the first learns of it', async () => {
    const first = await tryToLead();
    await sql(database.url, `SELECT pg_terminate_backend(pid) FROM (${HOLDER}) AS holder`);
    await vi.waitFor(() => expect(first?.held()).toBe(false), 5000);
    await vi.waitFor(async () => expect((await tryToLead())?.held()).toBe(true), 5000);
    await first?.release();
    expect(await tryToLead()).toBeUndefined();
  });

  it('learns that its line is cut, and leads again when it is mended', async () => {
    const line = await cutLine(database.url);
    const far = { ...database, url: line.url };
    const lead = await tryToLead(far);
    expect(lead?.held()).toBe(true);
    line.cut();
    await vi.waitFor(() => expect(lead?.held()).toBe(false), 5000);
    await expect(tryToLead(far)).rejects.toThrow(/ECONNRESET|Connection terminated/);
    line.mend();
    await vi.waitFor(async () => expect((await tryToLead(far))?.held()).toBe(true), 5000);
  });

  it('is of one database: others have their own lead', async () => {
    const lead = await tryToLead();
    const url = new URL(database.url);
    url.pathname = '/postgres';
    expect((await tryToLead({ ...database, url: url.href }))?.held()).toBe(true);
    expect(lead?.held()).toBe(true);
  });
});

describe('openDatabase', () => {
  it('tells of idle connections that broke, and replaces them', async () => {
    const broken: Error[] = [];
    const own = openDatabase({ url: database.url, poolSize: 3, onConnectionError: (error) => broken.push(error) });
    const ask = () => Promise.all(Array.from({ length: 6 }, () => hasLiveWorker(own, 'cpu')));
    await ask();
    const others = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    const killed = (await sql(database.url, others)).length;
    expect(killed).toBeGreaterThanOrEqual(3);
    await vi.waitFor(() => expect(broken.length).toBeGreaterThanOrEqual(3), 5000);
    expect(await ask()).toEqual(Array.from({ length: 6 }, () => false));
    await own.close();
  });

  it('works again, by itself, after its line was cut', async () => {
    const line = await cutLine(database.url);
    const own = openDatabase({ url: line.url, poolSize: 2 });
    expect(await hasLiveWorker(own, 'cpu')).toBe(false);
    line.cut();
    await expect(hasLiveWorker(own, 'cpu')).rejects.toThrow();
    line.mend();
    await vi.waitFor(async () => expect(await hasLiveWorker(own, 'cpu')).toBe(false), 10_000);
    await own.close();
  });

  it('speaks UTC, whatever the server does', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await sql(database.url, `ALTER DATABASE ${pg.escapeIdentifier(name)} SET timezone = 'Asia/Tokyo'`);
    const own = openDatabase({ url: database.url });
    const [row] = await own.client.$queryRaw<{ now: Date }[]>`SELECT now()`;
    expect(Math.abs(Date.now() - Number(row.now))).toBeLessThan(60_000);
    await own.close();
  });
});
