// Builds the TensorFlow.js binding against a TensorFlow for Python, in a folder of its own that then appears in one step.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BindingBuildError } from './binding-errors.ts';
import { ADDON, type BindingKind, type BindingRecord, findBinding, RECORD } from './binding-folder.ts';
import { compileBinding, compilerVersion } from './compile-binding.ts';
import { fetchPackages, ownPackage, PINNED_PACKAGES } from './fetch-packages.ts';
import { libraryFolders } from './library-folders.ts';
import { errorLine, runProgram } from './run-program.ts';
import { openTensorflowSource, type TensorflowSource } from './tensorflow-source.ts';
import { thisPlatform } from './wheel-platform.ts';

export interface BindingRequest {
  /** a TensorFlow wheel, or the folder of an installed TensorFlow */
  readonly tensorflow: string;
  /** further folders in which CUDA's libraries lie */
  readonly libraries: readonly string[];
  /** Absolute; made when it is not there. `findBinding` looks into it. */
  readonly bindings: string;
}

export interface BuiltBinding extends BindingRecord {
  readonly folder: string;
  /** whether it lay there already, from the same TensorFlow and compiler */
  readonly how: 'built' | 'found';
}

/**
 * Two at once are safe, and wasteful: let the caller hold a lock on `bindings`.
 * @throws the errors of binding-errors.ts
 */
export async function buildBinding(request: BindingRequest): Promise<BuiltBinding> {
  const { bindings } = request;
  const builtFrom = resolve(request.tensorflow);
  const source = await openTensorflowSource(builtFrom, thisPlatform());
  try {
    const folders = libraryFolders(request.libraries, source.installed);
    const key = keyOf([source.identity, ...folders, await compilerVersion()]);
    const { kind, version: tensorflowVersion } = source;
    const record: BindingRecord = { kind, tensorflowVersion, builtFrom, libraryFolders: folders };
    const name = `${kind}-${key}`;
    const folder = join(bindings, name);
    const how = existsSync(join(folder, RECORD)) ? 'found' : 'built';
    if (how === 'built') await build(source, record, bindings, folder);
    choose(bindings, kind, name);
    return { ...record, folder, how };
  } finally {
    source.close();
  }
}

function keyOf(facts: readonly string[]): string {
  const hash = createHash('sha256');
  const own = [process.arch, ownPackage('@tensorflow/tfjs-core'), JSON.stringify(PINNED_PACKAGES)];
  for (const fact of [...facts, ...own]) hash.update(fact).update('\0');
  return hash.digest('hex').slice(0, 16);
}

async function build(source: TensorflowSource, record: BindingRecord, bindings: string, folder: string) {
  mkdirSync(bindings, { recursive: true });
  const work = mkdtempSync(join(bindings, 'build-'));
  // Workers may run as another account than the one that builds.
  chmodSync(work, 0o755);
  try {
    await fetchPackages(work);
    const { include, libraries } = await source.provide(work);
    const { version } = source;
    await compileBinding({
      sources: join(work, 'node_modules', '@tensorflow', 'tfjs-node'),
      include,
      libraries,
      runPaths: [source.installed ?? '$ORIGIN/tensorflow', ...record.libraryFolders],
      output: join(work, ADDON),
      version,
    });
    await tryAddon(join(work, ADDON), version);
    if (source.installed === undefined) {
      rmSync(include, { recursive: true, force: true });
      // Libraries of a wheel that name CUDA's by a run path of their own mean the folder beside them.
      const nvidia = record.libraryFolders
        .map((one) => dirname(dirname(one)))
        .find((one) => basename(one) === 'nvidia');
      if (nvidia !== undefined) symlinkSync(nvidia, join(work, 'nvidia'));
    }
    for (const file of readdirSync(work).filter((name) => name.endsWith('.tgz'))) rmSync(join(work, file));
    writeFileSync(join(work, RECORD), `${JSON.stringify(record, undefined, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** In a process of its own: a library for another machine ends the process that loads it. */
async function tryAddon(file: string, version: string): Promise<void> {
  try {
    await runProgram(process.execPath, ['-p', `require(${JSON.stringify(file)}).TF_Version`], '/');
  } catch (error) {
    throw new BindingBuildError('load', version, errorLine(error));
  }
}

/** Lets the link of the kind name this binding, and takes the ones before it away: each holds a copy of TensorFlow. */
function choose(bindings: string, kind: BindingKind, name: string): void {
  const current = findBinding(bindings, kind);
  if (current === undefined || basename(current.folder) !== name) {
    const link = join(bindings, `${kind}.${process.pid}`);
    rmSync(link, { force: true });
    symlinkSync(name, link);
    renameSync(link, join(bindings, kind));
  }
  const earlier = readdirSync(bindings).filter((other) => other.startsWith(`${kind}-`) && other !== name);
  for (const other of earlier) rmSync(join(bindings, other), { recursive: true, force: true });
}
