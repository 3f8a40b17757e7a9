// Makes the compiled kernels a backend of TensorFlow.js: native where there is a kernel of ours, stock JavaScript for the rest.
import { createRequire } from 'node:module';
import '@tensorflow/tfjs-backend-cpu';
import {
  findBackend,
  getKernelsForBackend,
  type KernelConfig,
  type KernelFunc,
  registerBackend,
  registerKernel,
  setBackend,
} from '@tensorflow/tfjs-core';
import type { Addon } from './addon.ts';
import { type AddonRequest, buildAddon } from './build-addon.ts';
import { NativeBackend } from './native-backend.ts';
import type { KernelCall, NativeKernel } from './native-kernel.ts';
import { nativeKernels } from './native-kernels.ts';

export const NATIVE_BACKEND = 'native-cpu';

/** Version of our kernels; results of different versions may differ in their last bits. */
export const nativeBackendVersion = '1';

export interface NativeInstallation {
  /** Of oneDNN. */
  readonly oneDnnVersion: string;
  readonly threads: number;
  /** What the bits depend on beside version and threads: instruction set, then first and second cache in kB. */
  readonly instructionSet: string;
}

let installed: NativeInstallation | undefined;

/** A second installation asked for another number of threads. */
export class ThreadsFixedError extends Error {
  override readonly name = 'ThreadsFixedError';
  constructor(
    readonly threads: number,
    readonly asked: number,
  ) {
    super(`threads: the native backend runs with ${threads} in this process, ${asked} were asked for`);
  }
}

/**
 * Compiles the addon if that has not happened on this machine, and makes 'native-cpu' the backend of tfjs-core; calling
 * again only selects it. Gradients are those of '@tensorflow/tfjs', which the caller imports first.
 *
 * @returns a sentence that says why where it cannot be built or loaded
 * @throws ThreadsFixedError
 */
export async function installNativeBackend(
  request: AddonRequest & { readonly threads?: number },
): Promise<NativeInstallation | string> {
  const { threads = 1 } = request;
  if (installed === undefined) {
    const built = await buildAddon(request);
    if (typeof built === 'string') return built;
    let addon: Addon;
    try {
      addon = createRequire(import.meta.url)(built.file) as Addon;
    } catch (error) {
      return `the compiled kernels do not load: ${(error as Error).message.split('\n', 1)[0]}`;
    }
    installed = register(addon, threads);
  }
  if (installed.threads !== threads) throw new ThreadsFixedError(installed.threads, threads);
  await setBackend(NATIVE_BACKEND);
  return installed;
}

function register(addon: Addon, threads: number): NativeInstallation {
  addon.setThreads(threads);
  if (findBackend(NATIVE_BACKEND) === null) {
    const backend = new NativeBackend(addon);
    for (const { kernelName, kernelFunc } of getKernelsForBackend('cpu')) {
      const native = nativeKernels[kernelName];
      const stock = delegate(backend, kernelFunc);
      registerKernel(config(kernelName, native ? withFallback(backend, native, stock) : stock));
    }
    const stockNames = new Set(getKernelsForBackend('cpu').map(({ kernelName }) => kernelName));
    for (const [name, native] of Object.entries(nativeKernels))
      if (!stockNames.has(name)) registerKernel(config(name, (call) => serveOrThrow(name, backend, native, call)));
    registerBackend(NATIVE_BACKEND, () => backend);
  }
  const [isa, lanes, firstCache, secondCache, oneDnnVersion] = addon.describe().split(' ');
  return { oneDnnVersion, threads, instructionSet: `${isa}-x${lanes}-${firstCache}k-${secondCache}k` };
}

const config = (kernelName: string, kernelFunc: KernelFunc): KernelConfig => ({
  kernelName,
  backendName: NATIVE_BACKEND,
  kernelFunc,
});

function withFallback(backend: NativeBackend, native: NativeKernel, stock: KernelFunc): KernelFunc {
  return (call) => serve(backend, native, call) ?? stock(call);
}

/** tfjs-core leaves the attributes of some kernels out. */
function serve(backend: NativeBackend, native: NativeKernel, { inputs, attrs }: Parameters<KernelFunc>[0]) {
  return native(backend, { inputs, attrs: attrs ?? {} } as unknown as KernelCall<never, never>);
}

/** Of a kernel that no stock kernel stands behind. */
function serveOrThrow(name: string, backend: NativeBackend, native: NativeKernel, call: Parameters<KernelFunc>[0]) {
  const result = serve(backend, native, call);
  if (result !== undefined) return result;
  const shapes = Object.entries(call.inputs).map(([input, info]) => `${input} [${[info].flat()[0]?.shape.join(', ')}]`);
  throw new TypeError(`${name} does not take ${shapes.join(', ')}`);
}

/** The stock kernel, on tensors whose memory is no longer re-used: what it returns may be a view of them. */
function delegate(backend: NativeBackend, stock: KernelFunc): KernelFunc {
  return (call) => {
    for (const input of Object.values(call.inputs)) {
      if (input) for (const tensor of [input].flat()) backend.release(tensor);
    }
    return stock(call);
  };
}
