// Opens one backend and no other, for a report on what this machine offers.
import type { BackendDescription } from '@reseed/experiment';
import type { BackendRequest } from './backend.ts';
import { NATIVE_PACKAGE, openNative } from './native-backend.ts';
import { openPortable } from './portable-backend.ts';
import { openTensorflow, TENSORFLOW_PACKAGES } from './tensorflow-backend.ts';

/** Everything that `openBackend` may choose. */
export const BACKEND_PACKAGES = [
  TENSORFLOW_PACKAGES.gpu,
  TENSORFLOW_PACKAGES.cpu,
  NATIVE_PACKAGE,
  '@reseed/tfjs-backend-portable',
] as const;
export type BackendPackage = (typeof BACKEND_PACKAGES)[number];

/**
 * One call per process: two TensorFlow libraries in one end it.
 * @returns what it computes on, or why it does not load
 */
export async function probeBackend(
  name: BackendPackage,
  { native, tensorflowBindings: bindings }: Pick<BackendRequest, 'native' | 'tensorflowBindings'>,
): Promise<BackendDescription | string> {
  switch (name) {
    case '@tensorflow/tfjs-node-gpu':
    case '@tensorflow/tfjs-node':
      return openTensorflow(name, { need: 'any', bindings });
    case '@reseed/tfjs-backend-native':
      return native === undefined ? 'no folder was named to compile it in' : openNative(native);
    case '@reseed/tfjs-backend-portable':
      return openPortable();
  }
}
