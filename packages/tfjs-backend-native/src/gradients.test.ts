// Gradients of whole networks: against numerical slopes in float64, and against the plain JavaScript backend.
import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as reference from '@reseed/fused-kernels/float64-reference';
import { NATIVE_BACKEND } from './install-native-backend.ts';
import { draw, isMissing, relativeError } from './kernel-probe.ts';

const CLASSES = 4;
const conv = reference.windowsOf(
  [3, 9, 8, 2],
  [3, 3, 2, 5],
  [1, 2],
  [
    [0, 0],
    [1, 1],
    [2, 0],
    [0, 0],
  ],
);
const pool = reference.windowsOf(conv.output, [2, 2, 5, 5], [2, 2], 'same');
const features = pool.output[1] * pool.output[2] * pool.output[3];
const dense = { m: 3, k: features, n: CLASSES, transposeA: false, transposeB: false };
const parameters = [conv.input, [3, 3, 2, 5], [5], [features, CLASSES], [CLASSES]].map((shape, i) =>
  draw(i + 1, shape),
);
const labels = [2, 0, 3];

/** Sum over images of the cross-entropy, in float64. */
function lossInFloat64([x, filter, bias, weight, shift]: readonly ArrayLike<number>[]): number {
  const activations = reference.finish(reference.convolve(conv, x, filter), bias, 'relu');
  const logits = reference.finish(
    reference.multiply(dense, reference.maxPool(pool, activations), weight),
    shift,
    'linear',
  );
  return labels.reduce((loss, label, image) => {
    const row = logits.subarray(image * CLASSES, (image + 1) * CLASSES);
    return loss + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[label];
  }, 0);
}

/** The same as TensorFlow.js computes it. */
function loss(x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor, weight: tf.Tensor, shift: tf.Tensor): tf.Scalar {
  const activations = tf.fused.conv2d({
    x: x as tf.Tensor4D,
    filter: filter as tf.Tensor4D,
    strides: [1, 2],
    pad: [
      [0, 0],
      [1, 1],
      [2, 0],
      [0, 0],
    ],
    bias,
    activation: 'relu',
  });
  const pooled = tf.reshape(tf.maxPool(activations, 2, 2, 'same'), [3, features]);
  const logits = tf.fused.matMul({ a: pooled, b: weight, bias: shift });
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels, CLASSES))));
}

const differentiate = () =>
  tf.tidy(() => {
    const tensors = parameters.map(({ values, shape }) => tf.tensor(values, [...shape]));
    const { value, grads } = tf.valueAndGrads(loss as (...tensors: tf.Tensor[]) => tf.Scalar)(tensors);
    return [value, ...grads].map((result) => result.dataSync());
  });

describe.skipIf(isMissing)('a network of convolution, pooling and product', () => {
  let value: tf.TypedArray;
  let gradients: tf.TypedArray[];

  beforeAll(() => {
    [value, ...gradients] = differentiate();
  });

  it('has the loss of the float64 network', () => {
    const wanted = lossInFloat64(parameters.map(({ values }) => values));
    expect(Math.abs(value[0] - wanted) / wanted).toBeLessThanOrEqual(1e-5);
  });

  it.each([
    ['image', 0],
    ['filter', 1],
    ['bias', 2],
    ['weight', 3],
    ['shift', 4],
  ])('has the slopes of the float64 network at the %s', (_, position) => {
    const values = parameters.map((parameter) => Float64Array.from(parameter.values));
    const moved = values[position];
    const slopes = moved.map((centre, i) => {
      const [above, below] = [centre + 1e-6, centre - 1e-6].map((at) => {
        moved[i] = at;
        return lossInFloat64(values);
      });
      moved[i] = centre;
      return (above - below) / 2e-6;
    });
    expect(relativeError(gradients[position], slopes, slopes)).toBeLessThanOrEqual(1e-4);
  });

  it('has the gradients of the plain JavaScript backend', async () => {
    await tf.setBackend('cpu');
    const [, ...wanted] = differentiate();
    await tf.setBackend(NATIVE_BACKEND);
    wanted.forEach((gradient, i) => expect(relativeError(gradients[i], gradient, gradient)).toBeLessThanOrEqual(1e-4));
  });

  it('is differentiated to the same bits, and keeps no tensor', () => {
    const { numTensors, numDataBuffers } = tf.memory();
    for (let i = 0; i < 20; i++) expect(differentiate()).toEqual([value, ...gradients]);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  });
});

it.skipIf(isMissing)('the gradient of gather goes to the rows that were read', () => {
  const gradient = tf.tidy(() => {
    const read = (table: tf.Tensor) =>
      tf.mul(tf.gather(table, tf.tensor1d([2, 0, 2], 'int32')), [
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
    return tf
      .grad((table) => tf.sum(read(table)))(tf.zeros([3, 2]))
      .dataSync();
  });
  expect([...gradient]).toEqual([3, 4, 0, 0, 6, 8]);
});
