// What the environment says about computing: which backend, and where this machine keeps what was built for one.
import { join, resolve } from 'node:path';
import { stateHome } from './state-home.ts';

/** `auto` takes the fastest that works; any other is taken or refused. */
export const backendNames = ['auto', 'native', 'tensorflow', 'portable'] as const;

export interface BackendSettings {
  /** `RESEED_BACKEND` */
  readonly backend: (typeof backendNames)[number];
  readonly native: {
    /** where our kernels are compiled: `native` in the state home */
    readonly cacheFolder: string;
    /** `RESEED_ONEDNN` made absolute */
    readonly oneDnnPrefix: string | undefined;
  };
  /** where TensorFlow bindings are built: `RESEED_TENSORFLOW` made absolute, else `tensorflow` in the state home */
  readonly tensorflowBindings: string;
}

/**
 * Nothing is created.
 *
 * @param options.root the clone's top folder
 */
export function backendSettings(options: {
  readonly root: string;
  readonly env: {
    readonly RESEED_HOME?: string | undefined;
    readonly RESEED_BACKEND: BackendSettings['backend'];
    readonly RESEED_ONEDNN?: string | undefined;
    readonly RESEED_TENSORFLOW?: string | undefined;
  };
}): BackendSettings {
  const { RESEED_BACKEND, RESEED_ONEDNN, RESEED_TENSORFLOW } = options.env;
  const home = stateHome(options);
  return {
    backend: RESEED_BACKEND,
    native: {
      cacheFolder: join(home, 'native'),
      oneDnnPrefix: RESEED_ONEDNN ? resolve(RESEED_ONEDNN) : undefined,
    },
    tensorflowBindings: RESEED_TENSORFLOW ? resolve(RESEED_TENSORFLOW) : join(home, 'tensorflow'),
  };
}
