// The only place that chooses what computes tensors: TensorFlow on a GPU, TensorFlow on the CPU, else the portable WASM path;
// our native kernels come first where they are asked for.
import type { BackendDescription } from '@reseed/experiment';
import { NATIVE_PACKAGE, type NativeRequest, openNative } from './native-backend.ts';
import { openPortable } from './portable-backend.ts';
import { openTensorflow, TENSORFLOW_PACKAGES, type TensorflowPackage } from './tensorflow-backend.ts';

export type DeviceRequest = 'auto' | 'cpu' | 'gpu';

export interface BackendRequest {
  readonly device: DeviceRequest;
  readonly native?: NativeRequest | undefined;
  /** folder of the TensorFlow bindings that were built on this machine */
  readonly tensorflowBindings?: string | undefined;
}

/** A backend that was not taken, and why. */
export interface RefusedBackend {
  readonly package: TensorflowPackage | typeof NATIVE_PACKAGE;
  readonly reason: string;
}

/** A GPU was asked for and no package could use one. */
export class GpuUnavailableError extends Error {
  readonly refused: readonly RefusedBackend[];
  constructor(refused: readonly RefusedBackend[]) {
    const reasons = refused.map((backend) => `${backend.package}: ${backend.reason}`).join('; ');
    super(`device "gpu" was asked for, but no GPU can be used (${reasons})`);
    this.name = 'GpuUnavailableError';
    this.refused = refused;
  }
}

/** In order of preference; a GPU package on a machine without a GPU still computes on the CPU. */
const CANDIDATES: Readonly<Record<DeviceRequest, readonly TensorflowPackage[]>> = {
  auto: [TENSORFLOW_PACKAGES.gpu, TENSORFLOW_PACKAGES.cpu],
  cpu: [TENSORFLOW_PACKAGES.cpu],
  gpu: [TENSORFLOW_PACKAGES.gpu],
};

let refused: RefusedBackend[] = [];

/** What the last `openBackend` passed over, in the order tried: for a doctor command. */
export const refusedBackends = (): readonly RefusedBackend[] => refused;

/**
 * Loads the best backend for `device` and makes it the process's TensorFlow.js backend. Only the portable path is
 * certain to exist: the native packages are optional and are passed over when they are absent or do not load.
 * @param request.native tries our native kernels before all others, unless a GPU is asked for
 * @throws GpuUnavailableError for `gpu` when there is none
 */
export async function openBackend({ device, native, tensorflowBindings }: BackendRequest): Promise<BackendDescription> {
  refused = [];
  if (native !== undefined && device !== 'gpu') {
    const opened = await openNative(native);
    if (typeof opened === 'object') return opened;
    refused.push({ package: NATIVE_PACKAGE, reason: opened });
  }
  for (const name of CANDIDATES[device]) {
    const need = device === 'gpu' ? 'gpu' : 'any';
    const opened = await openTensorflow(name, { need, bindings: tensorflowBindings });
    if (typeof opened === 'object') return opened;
    refused.push({ package: name, reason: opened });
  }
  if (device === 'gpu') throw new GpuUnavailableError(refused);
  return openPortable();
}
