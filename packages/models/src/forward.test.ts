import { NumpyRandomState } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildModel } from './build-model.ts';
import { borderAddedBy, convolve } from './convolve.ts';
import { getModel, type ModelName } from './get-model.ts';
import type { Layer } from './layer.ts';
import { LayerOrderError } from './plan-layers.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A convolution as PyTorch defines it, in double precision: x C·H·W, weight O·I·H·W. */
function torchConvolve(x: number[], side: number, weight: number[], bias: number[], kernel: number): number[] {
  const [stride, padding] = [2, 1];
  const channels = x.length / (side * side);
  const after = Math.floor((side + 2 * padding - kernel) / stride) + 1;
  const y: number[] = [];
  for (let o = 0; o < bias.length; o += 1) {
    for (let row = 0; row < after; row += 1) {
      for (let column = 0; column < after; column += 1) {
        let sum = bias[o];
        for (let c = 0; c < channels; c += 1) {
          for (let ky = 0; ky < kernel; ky += 1) {
            for (let kx = 0; kx < kernel; kx += 1) {
              const yy = row * stride - padding + ky;
              const xx = column * stride - padding + kx;
              if (yy < 0 || yy >= side || xx < 0 || xx >= side) continue;
              sum += x[(c * side + yy) * side + xx] * weight[((o * channels + c) * kernel + ky) * kernel + kx];
            }
          }
        }
        y.push(sum);
      }
    }
  }
  return y;
}

const torchLinear = (x: number[], weight: number[], bias: number[]): number[] =>
  bias.map((b, o) => x.reduce((sum, value, i) => sum + value * weight[o * x.length + i], b));

const relu = (x: number[]) => x.map((value) => Math.max(0, value));

/** conv, relu, conv, relu, flatten (C, H, W), linear, relu, linear of one grey 28×28 image. */
function torchForward(w: number[][], image: number[], kernel: number): number[] {
  const first = relu(torchConvolve(image, 28, w[0], w[1], kernel));
  const second = relu(torchConvolve(first, 14, w[2], w[3], kernel));
  return torchLinear(relu(torchLinear(second, w[4], w[5])), w[6], w[7]);
}

const stream = new NumpyRandomState(11);
const images = Array.from({ length: 2 }, () => Array.from({ length: 784 }, () => stream.randomSample()));
const batch = () => tf.tensor4d(images.flat(), [2, 28, 28, 1]);
/** A function of all logits whose value no two of them share. */
const mix = (logits: tf.Tensor): tf.Scalar => tf.sum(tf.mul(logits, tf.range(1, 21).reshape([2, 10])));

describe.each<[ModelName, number]>([
  ['tiny-cnn', 3],
  ['mnist_net', 4],
])('%s', (name, kernel) => {
  const model = getModel(name);
  const inTorchLayout = (tensors: readonly tf.Tensor[]): number[][] =>
    model.toTorchLayout(tensors.map((tensor) => tensor.dataSync() as Float32Array)).map((values) => [...values]);

  test('computes what PyTorch’s layers compute', () => {
    const weights = model.initialise(5);
    const torch = inTorchLayout(weights);
    const logits = [...model.forward(weights, batch()).dataSync()];
    const expected = images.flatMap((image) => torchForward(torch, image, kernel));
    expect(Math.max(...logits.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-6);
    expect(new Set(expected.map((value) => value.toFixed(4))).size).toBe(20);
    tf.dispose(weights);
  });

  test('its gradients, at pixels and at every weight, are the slopes of the reference', () => {
    const weights = model.initialise(6);
    const torch = inTorchLayout(weights);
    const slope = (perturb: (h: number) => [weights: number[][], images: number[][]]): number => {
      const step = 1e-7; // double precision, and small enough to cross no kink of a ReLU
      const [above, below] = [step, -step].map((h) => {
        const [w, pixels] = perturb(h);
        const logits = pixels.flatMap((image) => torchForward(w, image, kernel));
        return logits.reduce((sum, logit, i) => sum + logit * (i + 1), 0);
      });
      return (above - below) / (2 * step);
    };

    const gradients = tf.grads((x, ...w) => mix(model.forward(w, x as tf.Tensor4D)))([batch(), ...weights]);
    const atPixels = gradients[0].dataSync();
    for (const pixel of [0, 27, 300, 756, 783]) {
      const moved = (h: number) => images.with(1, images[1].with(pixel, images[1][pixel] + h));
      expect(atPixels[784 + pixel]).toBeCloseTo(
        slope((h) => [torch, moved(h)]),
        4,
      );
    }
    inTorchLayout(gradients.slice(1)).forEach((gradient, i) => {
      const k = Math.floor(gradient.length / 3);
      const moved = (h: number) => torch.with(i, torch[i].with(k, torch[i][k] + h));
      expect(gradient[k], model.parameters[i].name).toBeCloseTo(
        slope((h) => [moved(h), images]),
        3,
      );
    });
    tf.dispose(weights);
  });

  test('leaves no tensor but the logits, and gives the same bits again', () => {
    const weights = model.initialise(5);
    const x = batch();
    const before = tf.memory().numTensors;
    const logits = model.forward(weights, x);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(model.forward(weights, x).dataSync()).toEqual(logits.dataSync());
    tf.dispose([weights, x]);
  });
});

test('an attack’s gradient asks for no derivative of a weight', async () => {
  const model = getModel('tiny-cnn');
  const weights = model.initialise(0);
  const profile = await tf.profile(() => tf.grad((x) => mix(model.forward(weights, x as tf.Tensor4D)))(batch()));
  expect(profile.kernelNames).toContain('Conv2DBackpropInput');
  expect(profile.kernelNames).not.toContain('Conv2DBackpropFilter');
  expect(
    profile.kernels.filter((kernel) => kernel.name === 'BatchMatMul' || kernel.name === '_FusedMatMul'),
  ).toHaveLength(4);
});

test('a border added before the convolution gives the same values and gradients as one inside it', () => {
  expect(borderAddedBy('tensorflow')).toBe('image');
  expect(borderAddedBy('wasm')).toBe('convolution');
  const draw = (size: number) => Float32Array.from({ length: size }, () => stream.uniform(-1, 1));
  const inputs = [
    tf.tensor4d(draw(2 * 7 * 6 * 3), [2, 7, 6, 3]),
    tf.tensor4d(draw(3 * 3 * 3 * 4), [3, 3, 3, 4]),
    tf.tensor1d(draw(4)),
  ];
  const [inside, before] = (['convolution', 'image'] as const).map((border) => {
    const layer = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
      convolve(
        {
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          bias: bias as tf.Tensor1D,
          strides: 2,
          padding: 1,
          activation: 'relu',
        },
        border,
      );
    const [x, filter, bias] = inputs;
    const gradients = tf.grads((...all) => tf.sum(tf.square(layer(all[0], all[1], all[2]))))(inputs);
    return [layer(x, filter, bias), ...gradients].map((tensor) => [tensor.shape, [...tensor.dataSync()]]);
  });
  expect(before).toEqual(inside);
});

test.each<[string, Layer[]]>([
  ['a linear layer on an image', [{ kind: 'linear', name: 'fc', features: 10 }]],
  [
    'a convolution after the flatten',
    [{ kind: 'flatten' }, { kind: 'conv', name: 'c', channels: 1, kernel: 1, stride: 1, padding: 0 }],
  ],
  ['a kernel larger than the image', [{ kind: 'conv', name: 'c', channels: 1, kernel: 7, stride: 1, padding: 1 }]],
])('%s is refused', (_, layers) => {
  expect(() => buildModel({ name: 'x', imageShape: [4, 4, 1], parameterCount: 0, layers })).toThrow(LayerOrderError);
});
