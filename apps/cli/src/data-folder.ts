// Where `reseed data fetch` puts datasets, and where workers and `reseed train` look for them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkedFilesPath, readConfig } from '@reseed/config';
import { cloneRoot } from './clone-root.ts';

/** @param home the state home */
export const fetchFolder = (home: string): string => join(home, 'datasets');

/** `--data-folder` with the folder that was asked for, else with the one datasets were fetched to, if there is one. */
export function dataFolderArguments(home: string, given?: string): string[] {
  const fetched = fetchFolder(home);
  const folder = given ?? (existsSync(fetched) ? fetched : undefined);
  return folder === undefined ? [] : ['--data-folder', folder];
}

/** Where the commands that compute themselves remember which files of datasets are the originals. */
export const ownCheckedFiles = (): string => checkedFilesPath({ root: cloneRoot, env: readConfig() });
