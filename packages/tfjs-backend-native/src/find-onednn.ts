// Finds oneDNN with its headers: where the caller says, in the system, unpacked earlier, or unpacked now from Debian's packages.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { errorLine, runProgram } from './run-program.ts';

export interface OneDnn {
  readonly include: string;
  /** The folder in which libdnnl.so and what it needs lie. */
  readonly libraries: string;
  readonly version: string;
}

/** Major versions that the kernels are written for. */
const MAJORS: readonly string[] = ['2', '3'];
const HEADERS = 'libdnnl-dev';
/** What the library itself needs and a system may lack. */
const NEEDED = 'ocl-icd-libopencl1';
const RETRY_MS = 3_600_000;
/** A line that swallows packets must not hold a start for minutes. */
const PATIENCE = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::https::Timeout=15'];

/** Under a folder that was filled like /, /usr or an installation prefix; undefined when there is no usable one. */
function oneDnnUnder(prefix: string): OneDnn | undefined {
  for (const root of [prefix, join(prefix, 'usr')]) {
    const include = join(root, 'include');
    const version = versionOf(join(include, 'oneapi', 'dnnl', 'dnnl_version.h'));
    if (version === undefined || !MAJORS.includes(version.split('.', 1)[0] as string)) continue;
    const lib = join(root, 'lib');
    const nested = existsSync(lib) ? readdirSync(lib).map((name) => join(lib, name)) : [];
    const libraries = [lib, join(root, 'lib64'), ...nested].find((folder) => existsSync(join(folder, 'libdnnl.so')));
    if (libraries !== undefined) return { include, libraries, version };
  }
  return undefined;
}

function versionOf(header: string): string | undefined {
  if (!existsSync(header)) return undefined;
  const text = readFileSync(header, 'utf8');
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`DNNL_VERSION_${part} (\\d+)`).exec(text)?.[1]);
  return parts.join('.');
}

/**
 * @param options.cacheFolder where Debian's packages are kept unpacked; nothing is installed
 * @param options.prefix an installation to use, and no other
 * @returns a sentence that says why there is none
 */
export async function findOneDnn(options: {
  readonly cacheFolder: string;
  readonly prefix?: string | undefined;
  /** Called before anything is downloaded. */
  readonly onFetch?: (() => void) | undefined;
}): Promise<OneDnn | string> {
  const { cacheFolder, prefix } = options;
  if (prefix !== undefined)
    return oneDnnUnder(prefix) ?? `there is no oneDNN ${MAJORS.join(' or ')} with its headers under ${prefix}`;
  const unpacked = join(cacheFolder, 'onednn');
  const there = oneDnnUnder('/usr/local') ?? oneDnnUnder('/usr') ?? oneDnnUnder(unpacked);
  if (there !== undefined) return there;
  const failure = join(cacheFolder, 'onednn-unreachable');
  const earlier = recentFailure(failure);
  if (earlier !== undefined) return earlier;
  options.onFetch?.();
  try {
    await unpackPackages(cacheFolder, unpacked);
  } catch (error) {
    const reason = `oneDNN is not installed (${HEADERS}) and cannot be fetched: ${errorLine(error)}`;
    mkdirSync(cacheFolder, { recursive: true });
    writeFileSync(failure, reason);
    return reason;
  }
  return oneDnnUnder(unpacked) ?? `the packages of this system have another oneDNN than ${MAJORS.join(' or ')}`;
}

/** Every start would wait for a registry that is out of reach. */
function recentFailure(file: string): string | undefined {
  if (!existsSync(file) || Date.now() - statSync(file).mtimeMs > RETRY_MS) return undefined;
  return `${readFileSync(file, 'utf8')} (tried within the last hour; remove ${file} to try again)`;
}

async function unpackPackages(cacheFolder: string, unpacked: string): Promise<void> {
  mkdirSync(cacheFolder, { recursive: true });
  const work = mkdtempSync(join(cacheFolder, 'onednn-download-'));
  try {
    await download(work);
    const root = join(work, 'root');
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb')))
      await runProgram('dpkg', ['-x', join(work, file), root]);
    rmSync(unpacked, { recursive: true, force: true });
    renameSync(root, unpacked);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function download(folder: string): Promise<void> {
  const fetch = async () =>
    runProgram('apt-get', [...PATIENCE, 'download', '-qq', HEADERS, await libraryPackage(), NEEDED], folder);
  try {
    await fetch();
  } catch (error) {
    // A fresh image has no package lists; only root may read them in.
    if (process.getuid?.() !== 0) throw error;
    await runProgram('apt-get', [...PATIENCE, 'update', '-qq']);
    await fetch();
  }
}

/** The package of the library, whose name has its version in it. */
async function libraryPackage(): Promise<string> {
  const depends = await runProgram('apt-cache', ['depends', HEADERS]);
  const name = /Depends: (libdnnl[\d.]+)/.exec(depends)?.[1];
  if (name === undefined) throw new Error(`${HEADERS} names no library that it belongs to`);
  return name;
}
