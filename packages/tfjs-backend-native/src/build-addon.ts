// Compiles the addon where it is used, for the processor it is used on; what was compiled before is found by its key.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LockTimeoutError, withFolderLock } from '@reseed/config';
import headers from 'node-api-headers';
import { findOneDnn, type OneDnn } from './find-onednn.ts';
import { errorLine, runProgram } from './run-program.ts';

export interface AddonRequest {
  /** Absolute; made when it is not there. Several clones and processes may share it. */
  readonly cacheFolder: string;
  /** An installation of oneDNN 2 or 3 to use instead of the system's or Debian's. */
  readonly oneDnnPrefix?: string | undefined;
  /** Called before something is compiled, which takes a while and happens once per machine. */
  readonly onCompile?: (() => void) | undefined;
}

const WORK = 'native-build-';
const ADDON = 'kernels.node';
/** Fetching and compiling take half a minute; on a slow machine some more. */
const LOCK_WAIT_MS = 600_000;
/** The same from src/ and from dist/. */
const SOURCES = fileURLToPath(new URL('../native', import.meta.url));
/** Nothing is contracted or reordered that the source does not spell out: bits do not hang on the compiler's mood. */
const FLAGS = ['-O3', '-march=native', '-ffp-contract=off', '-std=c++17', '-fPIC', '-fopenmp'] as const;

/** @returns the compiled file, or a sentence that says why there is none */
export async function buildAddon(request: AddonRequest): Promise<{ readonly file: string } | string> {
  const { cacheFolder } = request;
  if (process.platform !== 'linux') return `native kernels are built on Linux only, this is ${process.platform}`;
  const compiler = process.env['CXX'] || 'g++';
  let compilerFacts: string;
  try {
    // What -march=native means here, besides the version: a cache folder may move to another processor.
    compilerFacts = await runProgram(compiler, ['--version']);
    compilerFacts += await runProgram(compiler, ['-march=native', '-Q', '--help=target']);
  } catch (error) {
    return `there is no C++ compiler that runs here: ${errorLine(error)}`;
  }
  mkdirSync(cacheFolder, { recursive: true });
  const build = async () => {
    const oneDnn = await findOneDnn({ cacheFolder, prefix: request.oneDnnPrefix, onFetch: request.onCompile });
    if (typeof oneDnn === 'string') return oneDnn;
    const folder = join(cacheFolder, `kernels-${keyOf(compilerFacts, oneDnn)}`);
    const file = join(folder, ADDON);
    if (existsSync(file)) return { file };
    removeRests(cacheFolder);
    request.onCompile?.();
    const work = mkdtempSync(join(cacheFolder, WORK));
    try {
      await compile(compiler, oneDnn, join(work, ADDON));
      renameSync(work, folder);
      return { file };
    } catch (error) {
      return `the native kernels do not compile: ${errorLine(error)}`;
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  };
  try {
    return await withFolderLock(join(cacheFolder, 'build.lock'), { waitMs: LOCK_WAIT_MS }, build);
  } catch (error) {
    if (error instanceof LockTimeoutError) return error.message;
    throw error;
  }
}

/** What builds left that were killed; whoever holds the lock is the only one that builds. */
function removeRests(cacheFolder: string): void {
  for (const name of readdirSync(cacheFolder).filter((one) => one.startsWith(WORK)))
    rmSync(join(cacheFolder, name), { recursive: true, force: true });
}

const sourceFiles = (): string[] =>
  readdirSync(SOURCES)
    .sort()
    .map((name) => join(SOURCES, name));

function keyOf(compilerFacts: string, oneDnn: OneDnn): string {
  const hash = createHash('sha256');
  const facts = [compilerFacts, process.versions.modules, process.arch, JSON.stringify(oneDnn), FLAGS.join(' ')];
  for (const part of [...facts, ...sourceFiles().map((file) => readFileSync(file, 'utf8'))])
    hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** File by file, as many at once as there are processors, then one link. */
async function compile(compiler: string, { include, libraries }: OneDnn, output: string): Promise<void> {
  const units = sourceFiles().filter((file) => file.endsWith('.cc'));
  const includes = [`-I${include}`, `-I${headers.include_dir}`];
  const objects: string[] = [];
  const work = async (): Promise<void> => {
    for (let unit = units.pop(); unit !== undefined; unit = units.pop()) {
      const object = join(dirname(output), `${basename(unit)}.o`);
      const compiled = runProgram(compiler, [...FLAGS, ...includes, '-c', unit, '-o', object]);
      await compiled.catch((error: unknown) => {
        units.length = 0;
        throw error;
      });
      objects.push(object);
    }
  };
  // All have ended when the first failure is told: nothing writes into a folder that is being removed.
  const ends = await Promise.allSettled(Array.from({ length: availableParallelism() }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  await runProgram(compiler, [
    '-shared',
    '-fopenmp',
    ...objects.sort(),
    '-o',
    output,
    `-L${libraries}`,
    '-ldnnl',
    // DT_RPATH and not DT_RUNPATH: the libraries that oneDNN needs itself are looked for in the same folder.
    '-Wl,--disable-new-dtags',
    `-Wl,-rpath,${libraries}`,
    `-Wl,-rpath-link,${libraries}`,
  ]);
  for (const object of objects) rmSync(object);
}
