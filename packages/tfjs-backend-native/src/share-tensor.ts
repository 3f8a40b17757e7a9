// Kernels that compute nothing: the result is the operand under another shape.
import { type ReshapeAttrs, type TensorInfo, type UnaryInputs, util } from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';
import type { KernelCall } from './native-kernel.ts';

export function shareTensor(
  backend: NativeBackend,
  { inputs: { x } }: KernelCall<UnaryInputs, unknown>,
): TensorInfo | undefined {
  return x.dtype === 'complex64' ? undefined : backend.share(x, x.shape, x.dtype);
}

export function reshapeTensor(
  backend: NativeBackend,
  { inputs: { x }, attrs }: KernelCall<UnaryInputs, ReshapeAttrs>,
): TensorInfo | undefined {
  if (x.dtype === 'complex64') return undefined;
  const size = util.sizeFromShape(x.shape);
  const shape = util.inferFromImplicitShape(attrs.shape, size);
  // The stock kernel says what is wrong with a shape of another size.
  return util.sizeFromShape(shape) === size ? backend.share(x, shape, x.dtype) : undefined;
}
