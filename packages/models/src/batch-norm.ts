// Batch norm of Ioffe & Szegedy 2015 (arXiv:1502.03167) as PyTorch's BatchNorm2d computes it: ε = 1e-5, momentum .1, the biased
// variance for normalising and the unbiased one for the running statistics.
import { BATCH_NORM, batchNorm, isServed, RUNNING_NORM, runningNorm } from '@reseed/fused-kernels';
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from './plan-layers.ts';

const EPSILON = 1e-5;
/** Share of the new statistics in the running ones. */
const MOMENTUM = 0.1;

/** All of shape [channels]. */
export interface BatchNormWeights {
  readonly weight: tf.Tensor;
  readonly bias: tf.Tensor;
}

/** All of shape [channels]. */
export interface RunningStatistics {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** One value per channel has no variance. */
export class BatchTooSmallError extends RangeError {
  override readonly name = 'BatchTooSmallError';
  constructor(readonly shape: readonly number[]) {
    super(`batch norm needs more than one value per channel, got a batch of shape [${shape.join(', ')}]`);
  }
}

/** activation(weight·(x − mean)/√(variance + ε) + bias) of x n·H·W·C. */
export function normaliseByRunning(
  x: tf.Tensor4D,
  { weight, bias }: BatchNormWeights,
  { mean, variance }: RunningStatistics,
  activation: Activation,
): tf.Tensor4D {
  if (isServed(RUNNING_NORM)) return runningNorm(x, { weight, bias, mean, variance }, { epsilon: EPSILON, activation });
  const scale = tf.mul(weight, tf.rsqrt(tf.add(variance, EPSILON)));
  const y: tf.Tensor4D = tf.add(tf.mul(x, scale), tf.sub(bias, tf.mul(mean, scale)));
  return activation === 'relu' ? tf.relu(y) : y;
}

/**
 * The same with the mean and the biased variance of the batch, which the gradient goes through.
 * @param observe gets them; they are freed when it returns
 * @throws BatchTooSmallError
 */
export function normaliseByBatch(
  x: tf.Tensor4D,
  { weight, bias }: BatchNormWeights,
  activation: Activation,
  observe: (batch: RunningStatistics) => void,
): tf.Tensor4D {
  const count = valuesPerChannel(x);
  if (count < 2) throw new BatchTooSmallError(x.shape);
  if (isServed(BATCH_NORM)) {
    const { y, ...statistics } = batchNorm(x, { weight, bias }, { epsilon: EPSILON, activation });
    observe(statistics);
    return y;
  }
  const meanOf = (values: tf.Tensor) => tf.div(tf.sum(values, [0, 1, 2]), count);
  // One custom gradient instead of those of its parts: less than half of the passes over x. Means are sums, because the
  // stock WASM kernels of a mean, of moments and of batch norm itself are 10 to 25 times slower than the sum.
  const normalise = tf.customGrad((...inputs) => {
    const [images, gamma, beta] = inputs as tf.Tensor[];
    const save = inputs[3] as tf.GradSaveFunc;
    const mean = meanOf(images);
    const centred = tf.add(images, tf.neg(mean));
    const variance = meanOf(tf.square(centred));
    observe({ mean, variance });
    const inverse = tf.rsqrt(tf.add(variance, EPSILON));
    const scale = tf.mul(gamma, inverse);
    save([centred, inverse, scale]);
    return { value: tf.add(tf.mul(centred, scale), beta), gradFunc: (dy, saved) => gradient(dy, saved, count) };
  });
  const y = normalise(x, weight, bias) as tf.Tensor4D;
  return activation === 'relu' ? tf.relu(y) : y;
}

/** scale·(dy − mean(dy) − centred·inverse²·mean(dy·centred)) at x, and the derivatives at weight and bias. */
function gradient(dy: tf.Tensor, [centred, inverse, scale]: tf.Tensor[], count: number): tf.Tensor[] {
  return tf.tidy(() => {
    const sumOfDy = tf.sum(dy, [0, 1, 2]);
    const sumOfProduct = tf.sum(tf.mul(dy, centred), [0, 1, 2]);
    const slope = tf.mul(tf.square(inverse), tf.div(sumOfProduct, -count));
    const bracket = tf.add(tf.add(dy, tf.mul(centred, slope)), tf.div(sumOfDy, -count));
    return [tf.mul(bracket, scale), tf.mul(sumOfProduct, inverse), sumOfDy];
  });
}

/** The running statistics after a batch of x; new tensors. */
export function updateRunning(running: RunningStatistics, batch: RunningStatistics, x: tf.Tensor4D): RunningStatistics {
  const count = valuesPerChannel(x);
  const mix = (old: tf.Tensor, now: tf.Tensor) => tf.add(tf.mul(old, 1 - MOMENTUM), tf.mul(now, MOMENTUM));
  return tf.tidy(() => ({
    mean: mix(running.mean, batch.mean),
    variance: mix(running.variance, tf.mul(batch.variance, count / (count - 1))),
  }));
}

const valuesPerChannel = ({ shape: [images, height, width] }: tf.Tensor4D): number => images * height * width;
