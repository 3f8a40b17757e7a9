// Says where it is remembered which files of datasets were found to be the originals.
import { join } from 'node:path';
import { stateHome } from './state-home.ts';

/**
 * `checked-files.json` in the state home. Nothing is created.
 *
 * @param options.root the clone's top folder
 */
export const checkedFilesPath = (options: {
  readonly root: string;
  readonly env: { readonly RESEED_HOME?: string | undefined };
}): string => join(stateHome(options), 'checked-files.json');
