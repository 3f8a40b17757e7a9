// Where native kernels are kept, and whether the environment asks for them, for the commands that compute themselves.
import { type NativeKernels, nativeKernels, readConfig } from '@reseed/config';
import { cloneRoot } from './clone-root.ts';

export const askedNativeKernels = (): NativeKernels | undefined =>
  nativeKernels({ root: cloneRoot, env: readConfig() });

/** For a command that names them itself. */
export const namedNativeKernels = (): NativeKernels =>
  nativeKernels({ root: cloneRoot, env: { ...readConfig(), RESEED_BACKEND: 'native' } }) as NativeKernels;
