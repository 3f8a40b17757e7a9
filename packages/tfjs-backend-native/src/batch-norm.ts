// Batch norm of NHWC images by the batch or by running statistics, with the relu behind it, and its gradient.
import type {
  BatchNormAttrs,
  BatchNormGradientAttrs,
  BatchNormGradientInputs,
  BatchNormInputs,
  RunningNormInputs,
} from '@reseed/fused-kernels';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { NativeBackend } from './native-backend.ts';
import type { KernelCall } from './native-kernel.ts';

/** Rows and channels, as the addon sees images. */
function extentOf({ shape }: TensorInfo): [rows: number, channels: number] {
  const channels = shape[shape.length - 1];
  return [util.sizeFromShape(shape) / channels, channels];
}

const reluOf = ({ activation }: BatchNormAttrs): number => (activation === 'relu' ? 1 : 0);

/** y, mean and biased variance. */
export function normaliseByBatch(
  backend: NativeBackend,
  { inputs: { x, weight, bias }, attrs }: KernelCall<BatchNormInputs, BatchNormAttrs>,
): TensorInfo[] {
  const [out, mean, variance] = [x.shape, weight.shape, weight.shape].map((shape) => backend.allocate(shape));
  const arrays = [x, weight, bias, out, mean, variance].map((tensor) => backend.values(tensor));
  backend.addon.batchNormByBatch(...arrays, ...extentOf(x), attrs.epsilon, reluOf(attrs));
  return [out, mean, variance];
}

export function normaliseByRunning(
  backend: NativeBackend,
  { inputs: { x, weight, bias, mean, variance }, attrs }: KernelCall<RunningNormInputs, BatchNormAttrs>,
): TensorInfo {
  const out = backend.allocate(x.shape);
  const arrays = [x, weight, bias, out, mean, variance].map((tensor) => backend.values(tensor));
  backend.addon.batchNormByRunning(...arrays, ...extentOf(x), attrs.epsilon, reluOf(attrs));
  return out;
}

/** dx, dweight and dbias. */
export function batchNormGradient(
  backend: NativeBackend,
  { inputs, attrs }: KernelCall<BatchNormGradientInputs, BatchNormGradientAttrs>,
): TensorInfo[] {
  const { dy, x, weight, bias, mean, variance } = inputs;
  const results = [x, weight, bias].map(({ shape }) => backend.allocate(shape));
  const arrays = [dy, x, weight, bias, mean, variance, ...results].map((tensor) => backend.values(tensor));
  const ofInput = attrs.statistics === 'of_x' ? 1 : 0;
  backend.addon.batchNormGradient(...arrays, ...extentOf(x), attrs.epsilon, reluOf(attrs), ofInput);
  return results;
}
