// Says whether native kernels are asked for, and where they are kept once they are compiled.
import { join, resolve } from 'node:path';
import { stateHome } from './state-home.ts';

/** What a backend of native kernels is opened with. */
export interface NativeKernels {
  /** `native` in the state home */
  readonly cacheFolder: string;
  /** `RESEED_ONEDNN` made absolute */
  readonly oneDnnPrefix: string | undefined;
}

/**
 * Undefined unless `RESEED_BACKEND` asks for them. Nothing is created.
 *
 * @param options.root the clone's top folder
 */
export function nativeKernels(options: {
  readonly root: string;
  readonly env: {
    readonly RESEED_HOME?: string | undefined;
    readonly RESEED_BACKEND?: 'native' | undefined;
    readonly RESEED_ONEDNN?: string | undefined;
  };
}): NativeKernels | undefined {
  const { RESEED_BACKEND, RESEED_ONEDNN } = options.env;
  if (RESEED_BACKEND === undefined) return undefined;
  return {
    cacheFolder: join(stateHome(options), 'native'),
    oneDnnPrefix: RESEED_ONEDNN ? resolve(RESEED_ONEDNN) : undefined,
  };
}
