// A convolution with its bias, and a relu or none, as one kernel: its output and its gradients are those of its parts on plain JavaScript.
import '@tensorflow/tfjs-backend-cpu';
import { convolutionBias, RELU_GRADIENT } from '@reseed/fused-kernels';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { NATIVE_BACKEND } from './install-native-backend.ts';
import { compute, draw, isMissing, relativeError } from './kernel-probe.ts';

const MARGINS: tf.backend_util.ExplicitPadding = [
  [0, 0],
  [1, 1],
  [0, 1],
  [0, 0],
];

type Activation = 'relu' | 'linear';

const parts = (strides: number, activation: Activation) => (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) => {
  const biased = tf.add(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, MARGINS), bias);
  return activation === 'relu' ? tf.relu(biased) : biased;
};

const fused = (strides: number, activation: Activation) => (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
  convolutionBias(
    { x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, bias: bias as tf.Tensor1D },
    { strides, pad: MARGINS, activation },
  );

type Apply = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) => tf.Tensor;

/** Output and the gradients of its weighted sum, weighted so that no two pixels count the same. */
function differentiate(apply: Apply, channels: number): Float32Array[] {
  return tf.tidy(() => {
    const operands = [draw(1, [3, 7, 6, channels]), draw(2, [3, 3, channels, 5]), draw(3, [5])];
    const tensors = operands.map(({ values, shape }) => tf.tensor(values, [...shape]));
    const y = apply(...(tensors as [tf.Tensor, tf.Tensor, tf.Tensor]));
    const share = tf.tensor(draw(4, y.shape).values, y.shape);
    const weighted = (...operands: tf.Tensor[]) => tf.sum(tf.mul(apply(...(operands as [never, never, never])), share));
    return [y, ...tf.grads(weighted)(tensors)].map((tensor) => tensor.dataSync() as Float32Array);
  });
}

describe.skipIf(isMissing)('a convolution with bias', () => {
  it.each([
    [1, 1, 'relu'],
    [1, 3, 'linear'],
    [2, 4, 'relu'],
    [2, 1, 'linear'],
  ] as const)('of stride %i over %i channels, %s', async (strides, channels, activation) => {
    const actual = differentiate(fused(strides, activation), channels);
    await tf.setBackend('cpu');
    const wanted = differentiate(parts(strides, activation), channels);
    await tf.setBackend(NATIVE_BACKEND);
    wanted.forEach((values, i) =>
      expect(relativeError(actual[i], values, values)).toBeLessThanOrEqual(i === 0 ? 1e-5 : 1e-4),
    );
  });

  it('computes the gradient that is asked for, and no other', () => {
    const ran: string[] = [];
    const { profile } = tf;
    return profile(() =>
      tf.tidy(() => {
        const [filter, bias] = [tf.ones([3, 3, 2, 5]), tf.zeros([5])];
        return tf.grad((x) => fused(1, 'relu')(x, filter, bias))(tf.ones([1, 4, 4, 2]));
      }),
    ).then(({ kernels, result }) => {
      tf.dispose(result as tf.Tensor);
      ran.push(...kernels.map(({ name }) => name));
      expect(ran).toContain('Conv2DBackpropInput');
      expect(ran).not.toContain('Conv2DBackpropFilter');
    });
  });
});

it.skipIf(isMissing)('the gradient of a relu is that behind it where it is positive, and NaN where it is NaN', () => {
  const shape = [4];
  const [dy, y] = [Float32Array.of(3, 4, 5, 6), Float32Array.of(0, 0.5, Number.NaN, 1e-30)];
  const result = compute(RELU_GRADIENT, { dy: { shape, values: dy }, y: { shape, values: y } });
  expect([...result.values]).toEqual([0, 4, Number.NaN, 6]);
});
