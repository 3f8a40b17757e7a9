// Says where the TensorFlow bindings that are built on this machine lie.
import { join, resolve } from 'node:path';
import { stateHome } from './state-home.ts';

/**
 * `RESEED_TENSORFLOW` made absolute; else `tensorflow` in the state home. Nothing is created.
 *
 * @param options.root the clone's top folder
 */
export function tensorflowBindings(options: {
  readonly root: string;
  readonly env: { readonly RESEED_HOME?: string | undefined; readonly RESEED_TENSORFLOW?: string | undefined };
}): string {
  const { RESEED_TENSORFLOW } = options.env;
  return RESEED_TENSORFLOW ? resolve(RESEED_TENSORFLOW) : join(stateHome(options), 'tensorflow');
}
