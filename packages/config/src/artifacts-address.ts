// Says where checkpoints and weights of runs are kept.
import { join, resolve } from 'node:path';
import { stateHome } from './state-home.ts';

/**
 * `RESEED_ARTIFACTS` if set, a folder made absolute; else `artifacts` in the state home. Nothing is created.
 *
 * @param options.root the clone's top folder
 */
export function artifactsAddress(options: {
  readonly root: string;
  readonly env: { readonly RESEED_HOME?: string | undefined; readonly RESEED_ARTIFACTS?: string | undefined };
}): string {
  const given = options.env.RESEED_ARTIFACTS;
  if (!given) return join(stateHome(options), 'artifacts');
  // An address of another kind is passed on as it is; what can be opened is for packages/artifacts to say.
  return given.includes('://') ? given : resolve(given);
}
