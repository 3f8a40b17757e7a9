// Where the dynamic linker looks for CUDA's libraries, which TensorFlow opens by name when it meets a GPU.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { LibraryFolderError } from './binding-errors.ts';

const holdsLibraries = (folder: string): boolean =>
  existsSync(folder) && statSync(folder).isDirectory() && readdirSync(folder).some((name) => /\.so(\.|$)/.test(name));

/** `nvidia/cudnn/lib` and its like, as the nvidia-… packages install them. */
const nestedFolders = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name, 'lib'));

/**
 * @param given folders that hold libraries, or whose subfolders hold them in `lib` (site-packages/nvidia)
 * @param installed an installed TensorFlow: the nvidia packages beside it come first
 * @returns absolute paths
 * @throws LibraryFolderError
 */
export function libraryFolders(given: readonly string[], installed: string | undefined): string[] {
  const beside = installed === undefined ? undefined : join(dirname(installed), 'nvidia');
  const found = beside !== undefined && existsSync(beside) ? nestedFolders(beside).filter(holdsLibraries) : [];
  for (const folder of given.map((one) => resolve(one))) {
    if (!existsSync(folder)) throw new LibraryFolderError(folder, 'there is no such folder');
    if (!statSync(folder).isDirectory()) throw new LibraryFolderError(folder, 'it is a file');
    const folders = [folder, ...nestedFolders(folder)].filter(holdsLibraries);
    if (folders.length === 0)
      throw new LibraryFolderError(folder, 'neither it nor any lib in it holds a library (.so)');
    found.push(...folders);
  }
  return [...new Set(found)];
}

/**
 * The versions that bits may hang on, from the descriptions that pip leaves beside the folder `nvidia`.
 * @returns `{ cudnn: '9.3.0.75', cublas: '12.5.3.2' }`, or less
 */
export function libraryVersions(folders: readonly string[]): Record<string, string> {
  const sites = folders.map((folder) => dirname(dirname(folder))).filter((folder) => basename(folder) === 'nvidia');
  const versions: Record<string, string> = {};
  for (const site of new Set(sites.map((folder) => dirname(folder)))) {
    for (const name of existsSync(site) ? readdirSync(site).sort() : []) {
      const [, library, version] = /^nvidia_(cudnn|cublas)_cu\d+-([\w.]+)\.dist-info$/.exec(name) ?? [];
      if (library !== undefined) versions[library] ??= version;
    }
  }
  return versions;
}
