// State homes of their own for tests that start the real servers: under the system's temporary folder, which every account
// may pass, and gone after the test with every process that belongs to them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@reseed/config';
import { type RunningServices, startServices } from '@reseed/embedded-services';
import { Redis } from 'ioredis';
import pg from 'pg';

export const silent = createLogger({ name: 'test', level: 'silent' });

/** The repository's top folder. */
export const root = join(import.meta.dirname, '../..');

export interface PrivateHomes {
  /** A folder that does not exist yet, in a temporary folder that does. Its name has a space, as folders of people have. */
  make(): string;
  /** `startServices` of this process in one of the homes. */
  start(home: string, given?: Parameters<typeof startServices>[0]['env']): Promise<RunningServices>;
  /** `startServices` of a process of its own, which then does nothing until it is killed; from source, without a build. */
  startElsewhere(home: string): Starter;
  /** Ends every process of every home and removes the folders. */
  removeAll(): Promise<void>;
}

export interface Starter {
  readonly child: ChildProcess;
  /** What it got, as it wrote it down. */
  readonly got: Promise<Omit<RunningServices, 'stop'>>;
}

const starterScript = `
  import { createLogger } from '@reseed/config';
  import { startServices } from '@reseed/embedded-services';
  const logger = createLogger({ name: 'starter', destination: 'stderr' });
  console.log(JSON.stringify(await startServices({ home: process.argv[1], logger, env: {} })));
  // Blocked, not asleep: like the first process of some containers, this one never collects ended children.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
`;

export function privateHomes(): PrivateHomes {
  const folders: string[] = [];
  const children: ChildProcess[] = [];
  /** Unpacked programs are the same for all; only the first home fetches them. */
  const shareCache = (home: string) => {
    const filled = folders.map((folder) => join(folder, 'home/cache')).find((cache) => existsSync(cache));
    if (filled === undefined || existsSync(join(home, 'cache'))) return;
    cpSync(filled, join(home, 'cache'), { recursive: true });
  };
  return {
    make: () => {
      const folder = mkdtempSync(join(tmpdir(), 'reseed test-'));
      // Postgres may run as another account, which has to pass.
      chmodSync(folder, 0o711);
      folders.push(folder);
      return join(folder, 'home');
    },
    start: (home, given = {}) => {
      shareCache(home);
      return startServices({ home, logger: silent, env: given });
    },
    startElsewhere: (home) => {
      shareCache(home);
      const conditions = ['--conditions=source', `--import=${import.meta.resolve('tsx')}`, '--input-type=module'];
      const child = spawn(process.execPath, [...conditions, '--eval', starterScript, home], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.push(child);
      return { child, got: firstLine(child) };
    },
    removeAll: async () => {
      for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      for (const folder of folders) {
        await endAll(folder);
        rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
      }
    },
  };
}

/** Without the package under test, which a failed test may have left waiting for a lock. */
async function endAll(folder: string): Promise<void> {
  for (const [signal, limitMs] of [
    ['SIGINT', 5000],
    ['SIGKILL', 5000],
  ] as const) {
    const end = performance.now() + limitMs;
    for (const pid of processesNaming(folder)) process.kill(pid, signal);
    while (processesNaming(folder).length > 0 && performance.now() < end) await sleep(20);
  }
}

async function firstLine(child: ChildProcess): Promise<Omit<RunningServices, 'stop'>> {
  let said = '';
  let complained = '';
  child.stderr?.on('data', (part: Buffer) => (complained += part));
  for await (const part of child.stdout ?? []) {
    said += String(part);
    if (said.includes('\n')) return JSON.parse(said) as Omit<RunningServices, 'stop'>;
  }
  throw new Error(`The starting process ended without an answer: ${complained}`);
}

/** Ids of the live processes whose command line holds a text; a zombie has no command line. */
export function processesNaming(text: string): number[] {
  return commandLines()
    .filter(([pid, line]) => pid !== process.pid && line.includes(text))
    .map(([pid]) => pid);
}

function commandLines(): (readonly [number, string])[] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).trim().split('\n');
    return lines.map((line) => [Number.parseInt(line, 10), line]);
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return [Number(name), readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')] as const;
      } catch {
        // It ended meanwhile.
        return [Number(name), ''] as const;
      }
    });
}

/** The two servers first, then every process of Postgres that works for a server. */
export async function processesOf(
  home: string,
  { databaseUrl }: Pick<RunningServices, 'databaseUrl'>,
): Promise<number[]> {
  const workers = await sql(databaseUrl, 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
  return [postgresPid(home), redisPid(home), ...workers.map(({ pid }) => Number(pid))];
}

export function postgresPid(home: string): number {
  return Number(readFileSync(join(home, 'services/postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
}

export function redisPid(home: string): number {
  return (JSON.parse(readFileSync(join(home, 'services/redis/instance.json'), 'utf8')) as { pid: number }).pid;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks once, over a connection of its own. */
export async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Sends one command over a connection of its own; a refusal is thrown. */
export async function redis(url: string, command: string, ...parameters: string[]): Promise<unknown> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  client.on('error', () => {});
  try {
    return await client.call(command, ...parameters);
  } finally {
    client.disconnect();
  }
}

/** What a crash, a restored backup or a person may have done. */
export function changeRecord(
  home: string,
  service: 'postgres' | 'redis',
  change: { pid?: number; port?: number },
): void {
  const file = join(home, 'services', service, 'instance.json');
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }));
}

/** The id of a process that is no more. */
export async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}
