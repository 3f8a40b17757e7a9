// A convolution with its bias, and a relu where one follows, as one kernel, with a gradient that computes what is asked for and nothing else.
import {
  type backend_util,
  engine,
  registerGradient,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { reluGradient } from './relu-gradient.ts';

export const CONVOLUTION_BIAS = 'ConvolutionBias';

/** x [n, height, width, in], filter [height, width, in, out], bias [out] */
export interface ConvolutionBiasInputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
  readonly bias: TensorInfo;
}

interface Placement {
  readonly strides: number;
  readonly pad: backend_util.ExplicitPadding | 'valid';
  readonly activation: 'relu' | 'linear';
}

/** Differentiable in all three. tfjs-core's own fused convolution is taken apart wherever a gradient is taken. */
export function convolutionBias(
  inputs: { readonly x: Tensor4D; readonly filter: Tensor4D; readonly bias: Tensor1D },
  { strides, pad, activation }: Placement,
): Tensor4D {
  const attrs = { strides, pad, dataFormat: 'NHWC', dilations: 1, activation };
  return engine().runKernel(CONVOLUTION_BIAS, { ...inputs }, attrs as never) as Tensor4D;
}

registerGradient({
  kernelName: CONVOLUTION_BIAS,
  inputsToSave: ['x', 'filter'],
  outputsToSave: [true],
  gradFunc: (dy, [x, filter, y], attrs) => {
    const before = attrs['activation'] === 'relu' ? reluGradient(dy as Tensor, y) : (dy as Tensor);
    const run = (kernel: string, inputs: Record<string, Tensor>, shape: object): Tensor =>
      engine().runKernel(kernel, inputs, { ...attrs, ...shape } as never) as Tensor;
    return {
      x: () => run('Conv2DBackpropInput', { dy: before, filter }, { inputShape: x.shape }),
      filter: () => run('Conv2DBackpropFilter', { x, dy: before }, { filterShape: filter.shape }),
      bias: () => sum(before, [0, 1, 2]),
    };
  },
});
