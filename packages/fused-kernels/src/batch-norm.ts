// Batch norm, with the relu behind it where there is one, as one kernel forward and one back.
import { engine, registerGradient, type Tensor, type Tensor4D, type TensorInfo } from '@tensorflow/tfjs-core';

/** By the statistics of the batch: y, mean and biased variance. */
export const BATCH_NORM = 'BatchNormByBatch';
/** By statistics that are given: y. */
export const RUNNING_NORM = 'BatchNormByRunning';
/** Of either: dx, dweight and dbias. */
export const BATCH_NORM_GRADIENT = 'BatchNormGradient';

/** x [n, height, width, channels], the others [channels] */
export interface BatchNormInputs {
  readonly x: TensorInfo;
  readonly weight: TensorInfo;
  readonly bias: TensorInfo;
}

export interface RunningNormInputs extends BatchNormInputs {
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
}

export interface BatchNormGradientInputs extends RunningNormInputs {
  readonly dy: TensorInfo;
}

export interface BatchNormAttrs {
  /** added to the variance */
  readonly epsilon: number;
  readonly activation: 'relu' | 'linear';
}

/** Whether the statistics are a function of x. */
export interface BatchNormGradientAttrs extends BatchNormAttrs {
  readonly statistics: 'of_x' | 'given';
}

export interface Affine {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/**
 * y = activation(weight·(x − mean)/√(variance + ε) + bias) with mean and biased variance over batch and pixels, which
 * come with it. Differentiable in x, weight and bias by y; mean and variance are to be read only.
 * Source: Ioffe & Szegedy 2015, arXiv:1502.03167.
 */
export function batchNorm(
  x: Tensor4D,
  affine: Affine,
  { epsilon, activation }: BatchNormAttrs,
): { readonly y: Tensor4D; readonly mean: Tensor; readonly variance: Tensor } {
  const outputs = engine().runKernel(BATCH_NORM, { x, ...affine }, { epsilon, activation }) as Tensor[];
  const [y, mean, variance] = outputs as [Tensor4D, Tensor, Tensor];
  return { y, mean, variance };
}

/** The same by running statistics, which are constants. */
export function runningNorm(
  x: Tensor4D,
  affine: Affine & { readonly mean: Tensor; readonly variance: Tensor },
  { epsilon, activation }: BatchNormAttrs,
): Tensor4D {
  return engine().runKernel(RUNNING_NORM, { x, ...affine }, { epsilon, activation }) as Tensor4D;
}

/** The parts are computed together: the sums that dx needs are the other two. */
function gradient(dy: Tensor, saved: Tensor[], attrs: BatchNormGradientAttrs): Record<string, () => Tensor> {
  const [x, weight, bias, mean, variance] = saved;
  const inputs = { dy, x, weight, bias, mean, variance };
  const [dx, dweight, dbias] = engine().runKernel(BATCH_NORM_GRADIENT, inputs, { ...attrs }) as Tensor[];
  return { x: () => dx, weight: () => dweight, bias: () => dbias };
}

const attrsOf = (attrs: object) => attrs as unknown as BatchNormAttrs;

registerGradient({
  kernelName: BATCH_NORM,
  inputsToSave: ['x', 'weight', 'bias'],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => gradient((dys as Tensor[])[0], saved, { ...attrsOf(attrs), statistics: 'of_x' }),
});

registerGradient({
  kernelName: RUNNING_NORM,
  inputsToSave: ['x', 'weight', 'bias', 'mean', 'variance'],
  gradFunc: (dy, saved, attrs) => gradient(dy as Tensor, saved, { ...attrsOf(attrs), statistics: 'given' }),
});
