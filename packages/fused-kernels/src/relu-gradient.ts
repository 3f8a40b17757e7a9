// A relu whose gradient is one pass.
import { customGrad, engine, relu, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

export const RELU_GRADIENT = 'ReluGradient';

/** All of one shape. */
export interface ReluGradientInputs {
  readonly dy: TensorInfo;
  /** what the relu returned */
  readonly y: TensorInfo;
}

/** dy where y > 0, else 0; NaN where y is NaN. */
export const reluGradient = <T extends Tensor>(dy: T, y: T): T => engine().runKernel(RELU_GRADIENT, { dy, y }) as T;

/** Differentiable as tf.relu is, by two kernels less. */
export const reluInOnePass = <T extends Tensor>(x: T): T =>
  customGrad((input, save) => {
    const y = relu(input as Tensor);
    (save as (tensors: Tensor[]) => void)([y]);
    return { value: y, gradFunc: (dy: Tensor, [saved]: Tensor[]) => reluGradient(dy, saved as Tensor) };
  })(x) as T;
