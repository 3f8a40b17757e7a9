// Chooses the folder in which one clone keeps its services, data and artifacts.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * `RESEED_HOME` if set; else `<root>/.reseed`; else, when the process is root and an unprivileged account (Postgres
 * refuses to run as root) cannot pass through the folders above it, `/var/lib/reseed/<hash of the clone's path>`.
 * Two clones never get the same folder. Nothing is created.
 *
 * @param options.root the clone's top folder
 */
export function stateHome(options: {
  readonly root: string;
  readonly env: { readonly RESEED_HOME?: string | undefined };
}): string {
  if (options.env.RESEED_HOME) return resolve(options.env.RESEED_HOME);
  const root = realpathSync(options.root);
  if (process.getuid?.() !== 0 || othersCanReach(root)) return join(root, '.reseed');
  return join('/var/lib/reseed', createHash('sha256').update(root).digest('hex').slice(0, 16));
}

/** Whether an account that owns nothing here may pass through this folder and every folder above it. */
export function othersCanReach(folder: string): boolean {
  const mayPass = (statSync(folder).mode & 0o001) !== 0;
  const parent = dirname(folder);
  return mayPass && (parent === folder || othersCanReach(parent));
}

/**
 * Makes a folder; it and whatever had to be made above it let every account pass, whatever the umask: Postgres may run
 * as another one. Passing through is not reading. Folders above that were there before stay as their owner wants.
 *
 * @param folder an absolute path
 */
export function makePassable(folder: string): void {
  const firstMade = mkdirSync(folder, { recursive: true }) ?? folder;
  for (let at = folder; at.length >= firstMade.length; at = dirname(at)) {
    const { mode } = statSync(at);
    if ((mode & 0o011) !== 0o011) chmodSync(at, (mode & 0o7777) | 0o011);
  }
}
