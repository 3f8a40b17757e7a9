// The only place that chooses what computes tensors: a GPU, else our native kernels, else TensorFlow on the CPU, else the
// portable WASM path.
import type { BackendDescription } from '@reseed/experiment';
import { NATIVE_PACKAGE, type NativeRequest, openNative } from './native-backend.ts';
import { openPortable } from './portable-backend.ts';
import { NO_GPU, openTensorflow, TENSORFLOW_PACKAGES, type TensorflowPackage } from './tensorflow-backend.ts';

export type DeviceRequest = 'auto' | 'cpu' | 'gpu';

/** `auto` takes the fastest that works; any other is taken or refused. */
export type BackendName = 'auto' | 'native' | 'tensorflow' | 'portable';

export interface BackendRequest {
  readonly device: DeviceRequest;
  /** of those that compute on a CPU; `auto` unless given */
  readonly backend?: BackendName;
  /** of a CPU; the backend's own choice unless given */
  readonly threads?: number | undefined;
  /** where native kernels are kept; `auto` passes them over without it */
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

/** A backend that was asked for by name and cannot be used here. */
export class BackendUnavailableError extends Error {
  override readonly name = 'BackendUnavailableError';
  constructor(
    readonly backend: BackendName,
    readonly refused: readonly RefusedBackend[],
  ) {
    const reasons = refused.map((one) => `${one.package}: ${one.reason}`).join('; ');
    super(`backend "${backend}" was asked for, but it cannot be used (${reasons})`);
  }
}

/** A number of threads that a backend does not compute with. */
export class BackendThreadsError extends RangeError {
  override readonly name = 'BackendThreadsError';
  constructor(
    readonly backend: string,
    readonly threads: number,
    readonly limit: string,
  ) {
    super(`threads: backend "${backend}" ${limit}, got ${threads}`);
  }
}

let refused: RefusedBackend[] = [];

/** What the last `openBackend` passed over, in the order tried: for a doctor command. */
export const refusedBackends = (): readonly RefusedBackend[] => refused;

/**
 * Opens what was asked for and makes it the process's TensorFlow.js backend. Only the portable path is certain to exist:
 * TensorFlow's packages are optional, and our kernels need a compiler.
 * @throws GpuUnavailableError, BackendUnavailableError, BackendThreadsError
 */
export async function openBackend(request: BackendRequest): Promise<BackendDescription> {
  refused = [];
  const { device, backend = 'auto', threads } = request;
  if (threads !== undefined) {
    if (device === 'gpu') throw new BackendThreadsError('gpu', threads, 'takes no number of threads');
    // TensorFlow reads these when it is loaded.
    process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
    process.env['OMP_NUM_THREADS'] = String(threads);
  }
  const opened = (await openDevice(request)) ?? (device === 'gpu' ? undefined : await openOnCpu(request));
  if (opened === undefined)
    throw device === 'gpu' ? new GpuUnavailableError(refused) : new BackendUnavailableError(backend, refused);
  if (threads !== undefined && opened.threads !== threads)
    throw new BackendThreadsError(opened.name, threads, `computes in ${opened.threads} thread(s)`);
  return opened;
}

/** A GPU, where one may be used and is seen. */
async function openDevice({ device, backend = 'auto', tensorflowBindings: bindings }: BackendRequest) {
  if (device === 'cpu' || (device === 'auto' && backend !== 'auto')) return undefined;
  return take(TENSORFLOW_PACKAGES.gpu, await openTensorflow(TENSORFLOW_PACKAGES.gpu, { need: 'gpu', bindings }));
}

async function openOnCpu(request: BackendRequest): Promise<BackendDescription | undefined> {
  const { backend = 'auto', native, threads } = request;
  switch (backend) {
    case 'native':
      return openNativeKernels(native, threads);
    case 'tensorflow':
      return openTensorflowOnCpu(request);
    case 'portable':
      return openPortable();
    case 'auto': {
      const ours = native === undefined ? undefined : await openNativeKernels(native, threads);
      return ours ?? (await openTensorflowOnCpu(request)) ?? openPortable();
    }
  }
}

async function openNativeKernels(native: NativeRequest | undefined, threads: number | undefined) {
  if (native === undefined) return take(NATIVE_PACKAGE, 'no folder was named to compile it in');
  return take(NATIVE_PACKAGE, await openNative(threads === undefined ? native : { ...native, threads }));
}

async function openTensorflowOnCpu({ tensorflowBindings: bindings }: BackendRequest) {
  // A GPU package on a machine without a GPU computes on the CPU; where it was loaded, no second TensorFlow may be.
  const loaded = refused.some((one) => one.package === TENSORFLOW_PACKAGES.gpu && one.reason === NO_GPU);
  const name = loaded ? TENSORFLOW_PACKAGES.gpu : TENSORFLOW_PACKAGES.cpu;
  return take(name, await openTensorflow(name, { need: 'any', bindings }));
}

function take(name: RefusedBackend['package'], opened: BackendDescription | string): BackendDescription | undefined {
  if (typeof opened === 'object') return opened;
  refused.push({ package: name, reason: opened });
  return undefined;
}
