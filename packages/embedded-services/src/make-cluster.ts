// Makes a Postgres data folder: whole or not at all, owned by the account that is going to run the server.
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
  const unfinished = `${data}.new`;
  const passwordFile = join(folder, 'first-password');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (account) {
    if (!othersCanReach(dirname(folder))) {
      throw new ServiceFolderError(
        folder,
        'Postgres does not run as root, and no other account may pass to this folder.',
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

/** Settings of the user's own Postgres (PGPORT, PGDATA, …) and a locale that is not installed must not reach the server. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}
