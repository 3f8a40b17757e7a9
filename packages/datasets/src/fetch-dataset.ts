// Fetches the original files of a dataset: with progress, resumed where it was cut, checked before anything is used.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { DATASET_FACTS, type DatasetFacts, type NamedDataset } from '@reseed/experiment';
import { downloadFile, type DownloadOptions } from './download-file.ts';
import { loadDataset } from './load-dataset.ts';

const run = promisify(execFile);

/** A package of Debian that carries the files, and where in it they lie. */
interface DebianPackage {
  readonly name: string;
  readonly folder: string;
}

type SourceFacts = Pick<DatasetFacts, 'folder' | 'downloads'> & { readonly debianPackage?: DebianPackage };

const DEBIAN_PACKAGES: Partial<Record<NamedDataset, { readonly debianPackage: DebianPackage }>> = {
  fashion_mnist: { debianPackage: { name: 'dataset-fashion-mnist', folder: 'usr/share/datasets/fashion-mnist' } },
};

export interface FetchOptions extends DownloadOptions {
  /** Datasets are put into subfolders of it. */
  readonly folder: string;
}

/** Where a dataset is now. */
export interface FetchedDataset {
  readonly folder: string;
  /** `present`: it had been there before. */
  readonly outcome: 'present' | 'unpacked' | 'downloaded';
}

/** The dataset out of a package of this Debian system, which is not installed. @returns whether it worked */
async function unpackDebianPackage({ name, folder }: DebianPackage, target: string, work: string): Promise<boolean> {
  try {
    await run('apt-get', ['download', '-qq', name], { cwd: work });
    const [archive] = (await readdir(work)).filter((file) => file.endsWith('.deb'));
    await run('dpkg', ['-x', archive, 'unpacked'], { cwd: work });
    await rename(join(work, 'unpacked', folder), target);
    return true;
  } catch {
    return false;
  }
}

/** Downloads into `work`/<folder of the dataset>. @throws DatasetDownloadError */
async function downloadAll({ folder, downloads }: SourceFacts, work: string, options: FetchOptions): Promise<void> {
  const target = join(work, folder);
  await mkdir(target);
  for (const file of downloads) {
    const name = basename(file.url);
    // Beside the folder that is made anew, so that a later try finds what was received.
    const packed = join(options.folder, name);
    await downloadFile(file, packed, options);
    if (name.endsWith('.tar.gz')) {
      await run('tar', ['-xzf', packed, '-C', work]);
      await rm(packed);
    } else await rename(packed, join(target, name));
  }
}

/**
 * Puts files into the subfolder of `options.folder` that the facts name, replacing what is there.
 * @param check throws unless the folder it is given holds the originals; called before the subfolder appears
 * @throws DatasetDownloadError, AbortError, and what `check` throws
 */
export async function fetchFiles(
  facts: SourceFacts,
  options: FetchOptions,
  check: (folder: string) => Promise<unknown>,
): Promise<FetchedDataset> {
  const folder = join(options.folder, facts.folder);
  await mkdir(options.folder, { recursive: true });
  const work = await mkdtemp(join(options.folder, 'fetch-'));
  try {
    const made = join(work, facts.folder);
    const { debianPackage } = facts;
    const unpacked =
      options.mirror === undefined &&
      debianPackage !== undefined &&
      (await unpackDebianPackage(debianPackage, made, work));
    if (!unpacked) await downloadAll(facts, work, options);
    await check(made);
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
    return { folder, outcome: unpacked ? 'unpacked' : 'downloaded' };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Puts the dataset into a subfolder of `options.folder`, unless a usable copy is there already. The original files are
 * checked by size and sha256 before the subfolder appears.
 * @throws DatasetDownloadError, DatasetError, or AbortError
 */
export async function fetchDataset(name: NamedDataset, options: FetchOptions): Promise<FetchedDataset> {
  const load = (folder: string) => loadDataset(name, { folders: [folder] });
  const facts: SourceFacts = { ...DATASET_FACTS[name], ...DEBIAN_PACKAGES[name] };
  const folder = join(options.folder, facts.folder);
  const present =
    existsSync(folder) &&
    (await load(folder).then(
      () => true,
      () => false,
    ));
  return present ? { folder, outcome: 'present' } : fetchFiles(facts, options, load);
}
