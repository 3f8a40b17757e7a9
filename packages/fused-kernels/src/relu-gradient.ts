// The gradient before a relu from the one behind it, in one pass.
import { engine, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

export const RELU_GRADIENT = 'ReluGradient';

/** All of one shape. */
export interface ReluGradientInputs {
  readonly dy: TensorInfo;
  /** what the relu returned */
  readonly y: TensorInfo;
}

/** dy where y > 0, else 0; NaN where y is NaN. */
export const reluGradient = <T extends Tensor>(dy: T, y: T): T => engine().runKernel(RELU_GRADIENT, { dy, y }) as T;
