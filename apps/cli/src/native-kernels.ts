// Whether the environment asks for native kernels, for the commands that compute themselves.
import { type NativeKernels, nativeKernels, readConfig } from '@reseed/config';
import { cloneRoot } from './clone-root.ts';

export const askedNativeKernels = (): NativeKernels | undefined =>
  nativeKernels({ root: cloneRoot, env: readConfig() });
