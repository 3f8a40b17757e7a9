// Private Postgres and Redis of a state home, with the real servers: found, shared, stopped, and started again after crashes.
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningServices, ServiceFolderError, startServices, stopServices } from '@reseed/embedded-services';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  changeRecord,
  endedProcess,
  isAlive,
  postgresPid,
  privateHomes,
  processesNaming,
  processesOf,
  redis,
  redisPid,
  silent,
  sql,
} from './services/private-home.ts';

type Urls = Pick<RunningServices, 'databaseUrl' | 'redisUrl'>;

const homes = privateHomes();

afterAll(() => homes.removeAll());

/** A row that is committed and a key that is acknowledged, under this name. */
async function write({ databaseUrl, redisUrl }: Urls, name: string): Promise<void> {
  await sql(databaseUrl, `CREATE TABLE IF NOT EXISTS kept (name text); INSERT INTO kept VALUES ('${name}')`);
  await redis(redisUrl, 'SET', name, 'kept');
}

async function expectKept({ databaseUrl, redisUrl }: Urls, ...names: string[]): Promise<void> {
  const rows = await sql(databaseUrl, 'SELECT name FROM kept ORDER BY name');
  expect(rows.map(({ name }) => name)).toEqual(names.toSorted());
  for (const name of names) expect(await redis(redisUrl, 'GET', name)).toBe('kept');
}

function urlsOf({ databaseUrl, redisUrl }: Urls): Urls {
  return { databaseUrl, redisUrl };
}

/** The same address with another password, or with none. */
function withPassword(url: string, password: string): string {
  const changed = new URL(url);
  if (password === '') changed.username = changed.protocol === 'redis:' ? '' : changed.username;
  changed.password = password;
  return changed.href;
}

describe('the services of an empty home', () => {
  const home = homes.make();
  let services: RunningServices;

  beforeAll(async () => {
    services = await homes.start(home);
  });

  it('are started and answer', async () => {
    expect(services.started).toEqual({ postgres: true, redis: true });
    expect(await sql(services.databaseUrl, 'SELECT current_database(), current_user')).toEqual([
      { current_database: 'reseed', current_user: 'reseed' },
    ]);
    expect(await redis(services.redisUrl, 'PING')).toBe('PONG');
  });

  it('listen on loopback only, on ports of their own', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address);
    for (const url of [services.databaseUrl, services.redisUrl]) {
      const { hostname, port } = new URL(url);
      expect(hostname).toBe('127.0.0.1');
      expect(['5432', '6379']).not.toContain(port);
      for (const host of outside) {
        const [error] = await once(connect(Number(port), host), 'error').catch((refused: Error) => [refused]);
        expect(error).toMatchObject({ code: 'ECONNREFUSED' });
      }
    }
    expect(await sql(services.databaseUrl, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await redis(services.redisUrl, 'CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1']);
  });

  it('refuse a wrong password and a missing one', async () => {
    for (const password of ['wrong', '']) {
      const database = withPassword(services.databaseUrl, password);
      await expect(sql(database, 'SELECT 1')).rejects.toThrow(/password/);
      await expect(redis(withPassword(services.redisUrl, password), 'PING')).rejects.toThrow(/WRONGPASS|NOAUTH/);
    }
  });

  it('keep the password out of sight of other accounts', () => {
    for (const service of ['postgres', 'redis']) {
      expect(statSync(join(home, 'services', service, 'instance.json')).mode & 0o077).toBe(0);
      expect(existsSync(join(home, 'services', service, 'first-password'))).toBe(false);
    }
    expect(statSync(join(home, 'services/redis/redis.conf')).mode & 0o077).toBe(0);
    for (const url of [services.databaseUrl, services.redisUrl]) {
      expect(processesNaming(new URL(url).password)).toEqual([]);
    }
  });

  it('are set up so that nothing acknowledged is forgotten', async () => {
    for (const [setting, value] of Object.entries({ appendonly: 'yes', 'maxmemory-policy': 'noeviction' })) {
      expect(await redis(services.redisUrl, 'CONFIG', 'GET', setting)).toEqual([setting, value]);
    }
    for (const [setting, value] of Object.entries({ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' })) {
      expect(await sql(services.databaseUrl, `SHOW ${setting}`)).toEqual([{ [setting]: value }]);
    }
  });

  it('are found by the next call, also by another path to the home, and its stop() stops nothing', async () => {
    const link = `${home}-link`;
    symlinkSync(home, link);
    for (const path of [home, link]) {
      const next = await homes.start(path);
      expect(next).toMatchObject({ ...urlsOf(services), started: { postgres: false, redis: false } });
      await next.stop();
      expect(await sql(services.databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(await redis(services.redisUrl, 'PING')).toBe('PONG');
    }
  });

  it('end with stop(), together with every process, and keep port, password and data for the next start', async () => {
    await write(services, 'before');
    const pids = await processesOf(home, services);
    expect(pids.length).toBeGreaterThan(5);
    await Promise.all([services.stop(), services.stop()]);
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    expect(processesNaming(home)).toEqual([]);

    const again = await homes.start(home);
    expect(again).toMatchObject({ ...urlsOf(services), started: { postgres: true, redis: true } });
    await expectKept(again, 'before');
    await services.stop();
    expect(await redis(again.redisUrl, 'PING'), 'a stop() of long ago must not reach the new servers').toBe('PONG');

    await stopServices({ home });
    expect(processesNaming(home)).toEqual([]);
    await stopServices({ home });
  });

  it('move to another port when theirs is taken meanwhile', async () => {
    const taken = [services.databaseUrl, services.redisUrl].map((url) => Number(new URL(url).port));
    const listeners = taken.map((port) => createServer((socket) => socket.destroy()).listen(port, '127.0.0.1'));
    await Promise.all(listeners.map((listener) => once(listener, 'listening')));
    const moved = await homes.start(home);
    await expectKept(moved, 'before');
    for (const url of Object.values(urlsOf(moved))) expect(taken).not.toContain(Number(new URL(url).port));
    await moved.stop();
    for (const listener of listeners) listener.close();
  });
});

describe('several starters', () => {
  it('that are processes and start at once get the same servers, which outlive them', async () => {
    const home = homes.make();
    const starters = Array.from({ length: 3 }, () => homes.startElsewhere(home));
    const own = homes.start(home);
    const got = [...(await Promise.all(starters.map((starter) => starter.got))), await own];
    expect(new Set(got.map((each) => JSON.stringify(urlsOf(each)))).size).toBe(1);
    for (const service of ['postgres', 'redis'] as const) {
      expect(got.filter(({ started }) => started[service])).toHaveLength(1);
    }
    expect(processesNaming(join(home, 'services/postgres/data'))).toHaveLength(1);
    expect(processesNaming(join(home, 'services/redis/redis.conf'))).toHaveLength(1);

    for (const { child } of starters) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await write(await own, 'after');
    await stopServices({ home });
  });

  it('in two homes never share a server', async () => {
    const [left, right] = [homes.make(), homes.make()];
    const [a, b] = await Promise.all([homes.start(left), homes.start(right)]);
    const passwords = [a, b].flatMap((each) => Object.values(urlsOf(each)).map((url) => new URL(url).password));
    expect(new Set(passwords).size).toBe(4);
    await write(a, 'left');
    await write(b, 'right');
    await expectKept(a, 'left');
    await a.stop();
    await expectKept(b, 'right');

    // Not even when the port of one belongs to the other by now, and that lets everybody in.
    await redis(b.redisUrl, 'CONFIG', 'SET', 'requirepass', '');
    changeRecord(left, 'redis', { port: Number(new URL(b.redisUrl).port) });
    const again = await homes.start(left);
    expect(again.started.redis).toBe(true);
    await expectKept(again, 'left');
    await Promise.all([again.stop(), b.stop()]);
  });

  it.each(['services/postgres/first-password', 'services/postgres/data/postmaster.pid', 'services/redis/redis.conf'])(
    'may be killed as soon as %s is there',
    async (file) => {
      const home = homes.make();
      const { child, got } = homes.startElsewhere(home);
      got.catch(() => {});
      while (!existsSync(join(home, file)) && child.exitCode === null) await sleep(1);
      child.kill('SIGKILL');
      const services = await homes.start(home);
      await write(services, 'row');
      await expectKept(services, 'row');
      await stopServices({ home });
      expect(processesNaming(home)).toEqual([]);
    },
  );
});

describe('after a crash', () => {
  const home = homes.make();
  let services: RunningServices;
  const crashes: string[] = [];

  /** Starts again after something happened; everything written before is still there, at the same address. */
  async function expectRecovery(name: string): Promise<void> {
    const again = await homes.start(home);
    expect(urlsOf(again)).toEqual(urlsOf(services));
    await expectKept(again, ...crashes);
    await write(again, name);
    crashes.push(name);
  }

  beforeAll(async () => {
    services = await homes.startElsewhere(home).got.then((got) => ({ ...got, stop: async () => {} }));
    await write(services, 'first');
    crashes.push('first');
  });

  it('of both servers whose parent never collects them, rows and keys are still there', async () => {
    for (const pid of [postgresPid(home), redisPid(home)]) process.kill(pid, 'SIGKILL');
    await expectRecovery('killed, left as zombies');
  });

  it('of both servers, or of one, rows and keys are still there', async () => {
    for (const pid of [postgresPid(home), redisPid(home)]) process.kill(pid, 'SIGKILL');
    await expectRecovery('both killed');
    process.kill(redisPid(home), 'SIGKILL');
    await expectRecovery('redis killed');
    process.kill(postgresPid(home), 'SIGKILL');
    await expectRecovery('postgres killed');
  });

  it('or during an end in good order, which waits for a client, a new Postgres is started', async () => {
    const client = new pg.Client({ connectionString: services.databaseUrl });
    client.on('error', () => {});
    await client.connect();
    process.kill(postgresPid(home), 'SIGTERM');
    const recovery = expectRecovery('told to end');
    await sleep(300);
    await client.end();
    await recovery;
  });

  it('a postmaster.pid whose id is free, belongs to another program by now, or is missing, is overcome', async () => {
    const file = join(home, 'services/postgres/data/postmaster.pid');
    for (const pid of [await endedProcess(), process.pid, '']) {
      const [, ...others] = readFileSync(file, 'utf8').split('\n');
      await stopServices({ home });
      writeFileSync(file, pid === '' ? '' : [pid, ...others].join('\n'));
      await expectRecovery(`stale ${pid}`);
    }
  });

  it('a recorded id that belongs to another program by now is not taken for a server and not ended', async () => {
    await stopServices({ home });
    for (const service of ['postgres', 'redis'] as const) changeRecord(home, service, { pid: process.ppid });
    await stopServices({ home });
    expect(isAlive(process.ppid)).toBe(true);
    await expectRecovery('other pid');
  });

  it('of a starter before it had written down the ids, the live servers are found, and can be stopped', async () => {
    for (const service of ['postgres', 'redis'] as const) changeRecord(home, service, { pid: 0 });
    expect(await homes.start(home)).toMatchObject({ ...urlsOf(services), started: { postgres: false, redis: false } });
    await stopServices({ home });
    expect(processesNaming(join(home, 'services'))).toEqual([]);
    await expectRecovery('ids lost');
  });

  it('between the start of Postgres and its database, the database is made', async () => {
    await sql(services.databaseUrl.replace(/reseed$/, 'postgres'), 'DROP DATABASE reseed WITH (FORCE)');
    expect(urlsOf(await homes.start(home))).toEqual(urlsOf(services));
    expect(await sql(services.databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  afterAll(() => stopServices({ home }));
});

describe('addresses that are given', () => {
  const home = homes.make();
  const given = { databaseUrl: inject('databaseUrl'), redisUrl: inject('redisUrl') };
  const expectAlive = async () => {
    expect(await sql(given.databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await redis(given.redisUrl, 'PING')).toBe('PONG');
  };

  it('are used as they are and not stopped; nothing is made in the home', async () => {
    const env = {
      DATABASE_URL: `${given.databaseUrl}?schema=public&connection_limit=3`,
      REDIS_URL: `${given.redisUrl}/3`,
    };
    const services = await startServices({ home, logger: silent, env });
    expect(services).toMatchObject({
      databaseUrl: env.DATABASE_URL,
      redisUrl: env.REDIS_URL,
      started: { postgres: false, redis: false },
    });
    await services.stop();
    await stopServices({ home });
    expect(existsSync(join(home, 'services'))).toBe(false);
    await expectAlive();
  });

  it('may be one of the two: the other server is started and stopped', async () => {
    const services = await homes.start(home, { DATABASE_URL: given.databaseUrl });
    expect(services).toMatchObject({ databaseUrl: given.databaseUrl, started: { postgres: false, redis: true } });
    expect(services.redisUrl).not.toBe(given.redisUrl);
    expect(await redis(services.redisUrl, 'PING')).toBe('PONG');
    await services.stop();
    expect(processesNaming(home)).toEqual([]);
    await expectAlive();
  });

  it('with a wrong password are named', async () => {
    for (const [variable, url, reason] of [
      ['DATABASE_URL', given.databaseUrl, 'password authentication failed'],
      ['REDIS_URL', given.redisUrl, 'WRONGPASS'],
    ] as const) {
      const env = { [variable]: withPassword(url, 'wrong') };
      const start = startServices({ home, logger: silent, env, givenWaitMs: 100 });
      await expect(start).rejects.toMatchObject({ name: 'ServiceUnreachableError', variable });
      await expect(start).rejects.toThrow(reason);
    }
  });
});

describe('a folder that cannot be used', () => {
  const home = homes.make();

  it.each(['postgres', 'redis'])(
    'because %s has data and no instance.json: the error says so, and nothing is left running',
    async (service) => {
      const services = await homes.start(home);
      await write(services, service);
      await services.stop();
      const file = join(home, 'services', service, 'instance.json');
      const record = readFileSync(file);
      rmSync(file);
      const start = homes.start(home);
      await expect(start).rejects.toThrow(ServiceFolderError);
      await expect(start).rejects.toThrow(/instance\.json.* is missing\. Put it back.* remove the folder/);
      expect(processesNaming(home)).toEqual([]);

      writeFileSync(file, record, { mode: 0o600 });
      const again = await homes.start(home);
      await expectKept(again, ...(service === 'redis' ? ['postgres', 'redis'] : ['postgres']));
      await again.stop();
    },
  );

  it('because its data is not whole', async () => {
    const file = join(home, 'services/postgres/data/PG_VERSION');
    rmSync(file);
    const start = homes.start(home);
    await expect(start).rejects.toThrow(ServiceFolderError);
    await expect(start).rejects.toThrow(/PG_VERSION.*remove it/);
  });

  it('because the account of Postgres may not pass to it, which a umask alone does not bring about', async () => {
    const closed = homes.make();
    const deep = { home: join(closed, 'state/of/mine'), logger: silent, env: { REDIS_URL: inject('redisUrl') } };
    const before = process.umask(0o077);
    try {
      chmodSync(dirname(closed), 0o700);
      const start = startServices(deep);
      // Everybody else runs Postgres under their own account.
      if (process.getuid?.() === 0) {
        await expect(start).rejects.toThrow(ServiceFolderError);
        await expect(start).rejects.toThrow('Set RESEED_HOME');
        expect(processesNaming(closed)).toEqual([]);
      } else await start;
      chmodSync(dirname(closed), 0o711);
      await startServices(deep);
      await stopServices(deep);
    } finally {
      process.umask(before);
    }
  });
});
