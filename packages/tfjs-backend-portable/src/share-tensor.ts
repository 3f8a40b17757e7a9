// Copies that are none: tensors never change, so a clone may hold its original's data, where the stock kernels copy it.
// Every tensor that tfjs-core keeps for a backward pass is such a clone.
import type { CastAttrs, CastInputs, IdentityInputs, TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelCall, KernelModule } from './kernel-module.ts';

/** undefined for strings, which are not on the wasm heap. */
export function shareTensor(
  module: KernelModule,
  { inputs }: KernelCall<IdentityInputs, unknown>,
): TensorInfo | undefined {
  return inputs.x.dtype === 'string' ? undefined : module.share(inputs.x);
}

/** undefined where the type changes. */
export function castToSameType(module: KernelModule, call: KernelCall<CastInputs, CastAttrs>): TensorInfo | undefined {
  return call.inputs.x.dtype === call.attrs.dtype ? shareTensor(module, call) : undefined;
}
