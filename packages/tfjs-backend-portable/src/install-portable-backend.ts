// Selects the stock wasm backend and puts our kernels in place of those that it lacks or runs slowly.
import { PGD_STEP_LINF } from '@reseed/fused-kernels';
import {
  backend,
  env,
  getKernel,
  type KernelConfig,
  type KernelFunc,
  registerKernel,
  setBackend,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { combineElements } from './combine-elements.ts';
import { convolveBackToFilter, convolveBackToInput } from './convolution-gradients.ts';
import { convolve } from './convolve.ts';
import { type KernelCall, KernelModule, type WasmBackend } from './kernel-module.ts';
import { maxPoolGradient } from './max-pool-gradient.ts';
import { multiplyMatrices } from './multiply-matrices.ts';
import { pgdStepLinf } from './pgd-step-linf.ts';
import { castToSameType, shareTensor } from './share-tensor.ts';
import { signElements } from './sign-elements.ts';
import { splitLeadingAxis } from './split-leading-axis.ts';
import { sumAxes } from './sum-axes.ts';
import { sumSegments } from './sum-segments.ts';

const BACKEND = 'wasm';

/** Version of the stock backend below and of our kernels; results of different versions may differ in their last bits. */
export const portableBackendVersion = `${version_wasm}+simd.2`;

/** A kernel call that neither our kernel nor a stock one can serve. */
export class UnsupportedKernelCallError extends Error {
  readonly kernel: string;

  constructor(kernel: string, attrs: unknown) {
    super(`${kernel}: neither the portable nor the stock wasm backend serves ${JSON.stringify(attrs)}`);
    this.name = 'UnsupportedKernelCallError';
    this.kernel = kernel;
  }
}

/** Computes a kernel, or says with undefined that the stock one has to. */
type Kernel = (module: KernelModule, call: KernelCall<never, never>) => TensorInfo | TensorInfo[] | undefined;

/** Ours by the names that tfjs-core calls them by. */
export const portableKernels = {
  _FusedMatMul: multiplyMatrices,
  Add: combineElements('add'),
  BatchMatMul: multiplyMatrices,
  Cast: castToSameType,
  Conv2D: convolve,
  Conv2DBackpropFilter: convolveBackToFilter,
  Conv2DBackpropInput: convolveBackToInput,
  FusedConv2D: convolve,
  Identity: shareTensor,
  Maximum: combineElements('maximum'),
  MaxPoolGrad: maxPoolGradient,
  Minimum: combineElements('minimum'),
  [PGD_STEP_LINF]: pgdStepLinf,
  Sign: signElements,
  SplitV: splitLeadingAxis,
  Sum: sumAxes,
  UnsortedSegmentSum: sumSegments,
} satisfies Record<string, Kernel>;

let installation: Promise<void> | undefined;

/**
 * Makes 'wasm' (SIMD, one thread) the backend of tfjs-core with the kernels above in place; calling again only selects
 * it. Gradients are those of '@tensorflow/tfjs', which the caller imports first. The backend must not be removed.
 */
export async function installPortableBackend(): Promise<void> {
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await setBackend(BACKEND);
  installation ??= replaceKernels();
  await installation;
}

async function replaceKernels(): Promise<void> {
  const module = await KernelModule.load(backend() as WasmBackend);
  for (const [kernelName, kernel] of Object.entries(portableKernels)) {
    // tfjs-core types the result as always there.
    const stock = (getKernel(kernelName, BACKEND) as KernelConfig | undefined)?.kernelFunc;
    if (stock) unregisterKernel(kernelName, BACKEND);
    registerKernel({ kernelName, backendName: BACKEND, kernelFunc: withFallback(kernelName, kernel, module, stock) });
  }
}

function withFallback(name: string, kernel: Kernel, module: KernelModule, stock: KernelFunc | undefined): KernelFunc {
  return (call) => {
    const result = kernel(module, call as unknown as KernelCall<never, never>);
    if (result) return result;
    if (!stock) throw new UnsupportedKernelCallError(name, call.attrs);
    return stock(call);
  };
}
