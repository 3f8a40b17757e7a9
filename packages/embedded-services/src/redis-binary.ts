// Finds a Redis program that runs here: on the PATH, unpacked earlier, or unpacked now from Debian's packages.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '@reseed/config';

export interface RedisProgram {
  readonly file: string;
  /** What it needs in its environment, beyond the caller's. */
  readonly env: { readonly LD_LIBRARY_PATH?: string };
  readonly version: string;
}

const oldestVersion = [6, 2] as const;
const packages = ['redis-server', 'redis-tools'] as const;

/** No Redis was found that runs on this machine. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
  readonly tried: readonly string[];

  constructor(tried: readonly string[]) {
    super(
      `Found no Redis or Valkey ${oldestVersion.join('.')} or newer that runs here. Install one (apt-get install redis-server, ` +
        'brew install redis, dnf install valkey), or set REDIS_URL to a server. Tried:\n' +
        tried.map((line) => `- ${line}`).join('\n'),
    );
    this.tried = tried;
  }
}

/**
 * @param options.cache folder in which Debian's packages are kept unpacked; nothing is installed
 * @throws RedisUnavailableError
 */
export async function findRedis(options: { readonly cache: string; readonly logger: Logger }): Promise<RedisProgram> {
  const tried: string[] = [];
  const unpacked = join(options.cache, 'redis');
  const checkUnpacked = () => check(join(unpacked, 'usr/bin/redis-server'), libraryEnvironment(unpacked));
  const attempt = async (find: () => Promise<RedisProgram>, what: string): Promise<RedisProgram | undefined> => {
    try {
      return await find();
    } catch (error) {
      const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
      tried.push(`${what}: ${said || (error instanceof Error ? error.message : String(error))}`);
      return undefined;
    }
  };
  const found =
    (await attempt(() => check('valkey-server', {}), 'valkey-server on the PATH')) ??
    (await attempt(() => check('redis-server', {}), 'redis-server on the PATH')) ??
    (existsSync(unpacked) ? await attempt(checkUnpacked, unpacked) : undefined) ??
    (await attempt(
      async () => {
        await unpackPackages(options.cache, unpacked, options.logger);
        return checkUnpacked();
      },
      `apt-get download ${packages.join(' ')}`,
    ));
  if (found === undefined) throw new RedisUnavailableError(tried);
  return found;
}

async function check(file: string, env: RedisProgram['env']): Promise<RedisProgram> {
  const said = await run(file, ['--version'], { ...process.env, ...env });
  const version = /\bv=(\d+)\.(\d+)\.\d+/.exec(said);
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  if (major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]) || version === null) {
    throw new Error(`"${file} --version" said "${said.trim()}"`);
  }
  return { file, env, version: version[0].slice(2) };
}

/** Debian's packages put libraries into usr/lib/<machine>. */
function libraryEnvironment(unpacked: string): RedisProgram['env'] {
  const lib = join(unpacked, 'usr/lib');
  const folders = existsSync(lib) ? readdirSync(lib).map((name) => join(lib, name)) : [];
  return { LD_LIBRARY_PATH: folders.join(':') };
}

async function unpackPackages(cache: string, unpacked: string, logger: Logger): Promise<void> {
  if (process.platform !== 'linux') throw new Error('needs Debian or a system made from it');
  if (process.getuid?.() === 0 && !(await areListed())) {
    logger.info('Reading the package lists of this system, to fetch a Redis program from them');
    await run('apt-get', ['update', '-qq']);
  }
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'redis-download-'));
  try {
    await run('apt-get', ['download', '-qq', ...packages, ...(await missingLibraries())], process.env, work);
    const root = join(work, 'root');
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(work, file), root]);
    }
    // One that does not run, or no longer since the system's libraries have changed.
    rmSync(unpacked, { recursive: true, force: true });
    renameSync(root, unpacked);
    logger.info(
      { folder: unpacked },
      'Unpacked a Redis program from the packages of this system; nothing was installed',
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function areListed(): Promise<boolean> {
  try {
    return (await run('apt-cache', ['show', ...packages])) !== '';
  } catch {
    return false;
  }
}

/** Libraries that the packages ask for and that are not installed; never the C library, which must be the system's own. */
async function missingLibraries(): Promise<string[]> {
  const depends = (await run('apt-cache', ['depends', ...packages])).matchAll(/^[ |]*Depends: (lib\S+)$/gm);
  const missing: string[] = [];
  for (const name of new Set([...depends].map(([, library = '']) => library))) {
    const status = await run('dpkg-query', ['-W', '-f=${db:Status-Status}', name]).catch(() => 'unknown');
    if (status !== 'installed' && name !== 'libc6') missing.push(name);
  }
  return missing;
}

async function run(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  cwd = '/',
): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { cwd, env: { ...env, LC_ALL: 'C' } });
  return stdout;
}
