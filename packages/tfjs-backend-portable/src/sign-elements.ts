// The sign of every element: the direction of an Linf attack's step. The stock kernel (4.22) takes magnitudes up to
// 1.19e-7 for 0, so that an attack stands still at every pixel whose gradient is that small.
import { type SignInputs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelCall, KernelModule } from './kernel-module.ts';

/** 1, -1 or 0, and 0 for NaN as every stock backend has it; undefined for other types than float32. */
export function signElements(
  module: KernelModule,
  { inputs }: KernelCall<SignInputs, unknown>,
): TensorInfo | undefined {
  const { x } = inputs;
  if (x.dtype !== 'float32') return undefined;

  const out = module.allocate(x.shape);
  module.native.sign(module.address(x), module.address(out), util.sizeFromShape(x.shape));
  return out;
}
