// Makes a Postgres data folder: whole or not at all, owned by the account that is going to run the server.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { othersCanReach } from '@reseed/config';
import { ServiceFolderError } from './errors.ts';
import type { Account } from './unprivileged-account.ts';

/**
 * @param options.data path of the folder to be; its parent becomes private to the account
 * @param options.bin folder with initdb
 * @param options.user name of the superuser, with `password` checked by SCRAM on every connection
 * @throws ServiceFolderError
 */
export async function makeCluster(options: {
  readonly data: string;
  readonly bin: string;
  readonly user: string;
  readonly password: string;
  readonly account: Account | undefined;
}): Promise<void> {
  const { data, account } = options;
  const folder = dirname(data);
  // Never the same twice: the initdb of a killed caller may still write into its own.
  const unfinished = `${data}.new-${randomUUID()}`;
  const passwordFile = join(folder, 'first-password');
  mkdirSync(folder, { recursive: true });
  removeUnfinished(data);
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (account) {
    if (!othersCanReach(dirname(folder))) {
      throw new ServiceFolderError(
        folder,
        'Postgres does not run as root, and no other account may pass to this folder. Set RESEED_HOME to a folder that ' +
          'every account may pass to, for example /var/lib/reseed.',
      );
    }
    for (const path of [folder, passwordFile]) chownSync(path, account.uid, account.gid);
  }
  chmodSync(folder, 0o700);
  const args = ['-D', unfinished, '-U', options.user, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const command = [...args, '--encoding=UTF8', '--locale=C', '--no-instructions'];
  try {
    await promisify(execFile)(join(options.bin, 'initdb'), command, {
      cwd: folder,
      env: postgresEnvironment(),
      ...account,
    });
    renameSync(unfinished, data);
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    throw new ServiceFolderError(folder, `initdb failed: ${said || String(error)}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** What callers left that were killed in the middle. */
function removeUnfinished(data: string): void {
  const folder = dirname(data);
  for (const name of readdirSync(folder).filter((each) => each.startsWith(`${basename(data)}.new-`))) {
    // Retried while its initdb, which ends with the next line that it prints to nobody, puts more files there.
    rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Settings of the user's own Postgres (PGPORT, PGDATA, …) and a locale that is not installed must not reach the server. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}
