// Where a state home keeps its services, and who may pass to them.
import { accessSync, constants, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makePassable } from '@reseed/config';
import { ServiceFolderError } from './errors.ts';

export interface ServiceFolders {
  readonly lock: string;
  readonly postgres: string;
  readonly redis: string;
}

/**
 * The folders of a state home, made where missing and passable for the account that Postgres runs as.
 *
 * @throws ServiceFolderError when they cannot be made, or not be written to by this account
 */
export function serviceFolders(home: string): ServiceFolders {
  const services = resolve(home, 'services');
  try {
    makePassable(dirname(services));
    makePassable(services);
    accessSync(services, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServiceFolderError(services, `${reason}. Set RESEED_HOME to a folder that this account may write to.`);
  }
  // A server is known again by the path in its command line, which must not depend on links on the caller's way.
  const real = realpathSync(services);
  return { lock: join(real, 'lock'), postgres: join(real, 'postgres'), redis: join(real, 'redis') };
}
