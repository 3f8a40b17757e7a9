// What a kernel of ours is: a function that computes, or leaves the call to the stock kernel.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';

/** What a kernel is called with; `Inputs` and `Attrs` are the types that tfjs-core gives the kernel. */
export interface KernelCall<Inputs, Attrs> {
  readonly inputs: { readonly [K in keyof Inputs]-?: NonNullable<Inputs[K]> };
  readonly attrs: Attrs;
}

/** Computes a kernel, or says with undefined that the stock one has to. */
export type NativeKernel = (
  backend: NativeBackend,
  call: KernelCall<never, never>,
) => TensorInfo | TensorInfo[] | undefined;

export const areFloats = (...tensors: readonly TensorInfo[]): boolean =>
  tensors.every(({ dtype }) => dtype === 'float32');

export const isEmpty = ({ shape }: Pick<TensorInfo, 'shape'>): boolean => shape.includes(0);
