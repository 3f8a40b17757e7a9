import { NumpyRandomState } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildModel, type Model } from './build-model.ts';
import type { BatchNormMode } from './forward-pass.ts';
import type { Layer } from './layer.ts';
import { planLayers } from './plan-layers.ts';
import { torchForward } from './torch-reference.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const conv = (name: string, channels: number, kernel: number, more: Partial<Extract<Layer, { kind: 'conv' }>> = {}) =>
  ({ kind: 'conv', name, channels, kernel, stride: 1, padding: 0, ...more }) as const satisfies Layer;
const norm = (name: string): Layer => ({ kind: 'batch_norm', name });
const logits: Layer = { kind: 'linear', name: 'fc', features: 'classes' };
const head: Layer[] = [{ kind: 'global_average' }, logits];
const noBias = { bias: 'none' } as const;

/** Seven rows of six pixels with two channels, and odd numbers wherever a convolution or a pool can trip over one. */
const ARCHITECTURES: Record<string, Layer[]> = {
  'strides and paddings': [
    conv('a', 3, 3, { stride: 2, padding: 1 }),
    { kind: 'silu' },
    conv('b', 2, 3, { stride: 2, padding: [0, 1], ...noBias }),
    { kind: 'relu' },
    conv('c', 4, 2, { padding: [1, 0] }),
    { kind: 'flatten' },
    logits,
  ],
  'pools and a dropout': [
    conv('a', 3, 1),
    { kind: 'pool', take: 'max', size: 2, stride: 1 },
    { kind: 'pool', take: 'average', size: 3, stride: 2 },
    { kind: 'flatten' },
    { kind: 'dropout', rate: 0.25 },
    { kind: 'linear', name: 'hidden', features: 3 },
    { kind: 'relu' },
    { kind: 'dropout', rate: 0.5 },
    logits,
  ],
  'batch norm': [conv('a', 3, 3, noBias), norm('n'), { kind: 'relu' }, conv('b', 2, 1), norm('m'), ...head],
  'residual blocks': [
    conv('stem', 2, 3, { padding: 1 }),
    {
      kind: 'residual',
      entry: [norm('n1'), { kind: 'silu' }],
      branch: [conv('a', 2, 3, { padding: 1, ...noBias })],
      shortcut: [],
      shortcutFrom: 'entry',
    },
    {
      kind: 'residual',
      entry: [norm('n2'), { kind: 'relu' }],
      branch: [conv('b', 3, 3, { padding: 1, stride: 2 }), norm('n3'), { kind: 'silu' }, conv('c', 3, 1)],
      shortcut: [conv('s', 3, 1, { stride: 2, ...noBias })],
      shortcutFrom: 'entry',
    },
    {
      kind: 'residual',
      entry: [norm('n4')],
      branch: [conv('d', 2, 3, { padding: [0, 1], stride: 2 })],
      shortcut: [conv('t', 2, 3, { padding: [0, 1], stride: 2 })],
      shortcutFrom: 'input',
    },
    ...head,
  ],
};

const [IMAGES, HEIGHT, WIDTH, CHANNELS, CLASSES] = [3, 7, 6, 2, 4];

function build(name: string): Model {
  const { tensors, buffers } = planLayers(ARCHITECTURES[name], [HEIGHT, WIDTH, CHANNELS], 10);
  const total = (list: readonly { size: number }[]) => list.reduce((sum, { size }) => sum + size, 0);
  const counts = { parameterCount: total(tensors), bufferCount: total(buffers) };
  const imageShape = [HEIGHT, WIDTH, CHANNELS] as const;
  return buildModel({ name, imageShape, ...counts, layers: ARCHITECTURES[name] }, { classes: CLASSES });
}

/** Everything a pass needs, in PyTorch's layout and double precision. */
function draw(model: Model, seed: number) {
  const stream = new NumpyRandomState(seed);
  const values = (size: number, low: number, high: number) =>
    Array.from({ length: size }, () => Math.fround(stream.uniform(low, high)));
  const weights = model.parameters.map(({ size }) => values(size, -0.7, 0.7));
  const buffers = model.buffers.map(({ size, initial }) => values(size, initial - 0.4, initial + 0.4));
  const images = values(IMAGES * CHANNELS * HEIGHT * WIDTH, 0, 1);
  return { weights, buffers, images, mask: (size: number) => values(size, 0, 2).map(Math.floor) };
}

const nchw = (images: number[]) => ({ values: images, shape: [IMAGES, CHANNELS, HEIGHT, WIDTH] as const });
const toTensors = (model: Model, weights: number[][]): tf.Tensor[] =>
  model
    .fromTorchLayout(weights.map((values) => Float32Array.from(values)))
    .map((values, i) => tf.tensor(values, [...model.parameters[i].shape]));
const toImages = (images: number[]) =>
  tf.tidy(() => tf.transpose(tf.tensor4d(images, [IMAGES, CHANNELS, HEIGHT, WIDTH]), [0, 2, 3, 1]) as tf.Tensor4D);
const mix = (values: readonly number[]) => values.reduce((sum, value, i) => sum + value * (i + 1), 0);
const mixTensor = (z: tf.Tensor): tf.Scalar =>
  tf.sum(tf.mul(z, tf.reshape(tf.range(1, z.size + 1), z.shape as [number, number])));
const furthest = (found: ArrayLike<number>, expected: readonly number[]) =>
  Math.max(...expected.map((value, i) => Math.abs(found[i] - value)));

const MODES: BatchNormMode[] = ['train', 'eval', 'batch_stats'];
const cases = Object.keys(ARCHITECTURES).flatMap((name) => MODES.map((mode) => [name, mode] as const));

describe.each(cases)('%s, %s', (name, batchNorm) => {
  const model = build(name);
  const layers = ARCHITECTURES[name];
  const { weights, buffers, images, mask } = draw(model, 3);
  const masks = name.includes('dropout') ? [mask(IMAGES * 3 * 2 * 2), mask(IMAGES * 3)] : [];
  const torch = (w: number[][], pixels: number[]) =>
    torchForward(layers, { weights: w, buffers, mode: batchNorm, masks }, CLASSES, nchw(pixels));

  /** The pass of the model that does the same, and the statistics that it reports. */
  function ours() {
    const reported: number[][] = [];
    const running = buffers.map((values) => tf.tensor1d(values));
    const rates: number[] = [];
    const dropout = (layer: number, shape: readonly number[], rate: number) => {
      rates[layer] = rate;
      // flattened in our order H, W, C; the masks are in PyTorch's
      if (layer === 1) return tf.tensor(masks[1], [...shape]);
      return tf.reshape(tf.transpose(tf.tensor4d(masks[0], [IMAGES, 3, 2, 2]), [0, 2, 3, 1]), [...shape]);
    };
    const statistics = (updated: tf.Tensor[]) => {
      reported.push(...updated.map((tensor) => [...tensor.dataSync()]));
      tf.dispose(updated);
    };
    return { pass: { batchNorm, buffers: running, statistics, dropout }, reported, rates };
  }

  test('computes what PyTorch’s layers compute, and reports its running statistics', () => {
    const { pass, reported, rates } = ours();
    const expected = torch(weights, images);
    const found = model.forward(toTensors(model, weights), toImages(images), pass);
    expect(found.shape).toEqual([IMAGES, CLASSES]);
    expect(furthest(found.dataSync(), expected.logits)).toBeLessThan(3e-6);
    const reports = batchNorm === 'train' && buffers.length > 0;
    expect(reported.map((values) => values.length)).toEqual(reports ? buffers.map((values) => values.length) : []);
    reported.forEach((values, i) => expect(furthest(values, expected.buffers[i])).toBeLessThan(1e-6));
    expect(rates).toEqual(masks.length > 0 ? [0.25, 0.5] : []);
  });

  test('its gradients, at pixels and at every tensor, are the slopes of the reference', () => {
    const gradients = tf.grads((x, ...w) => mixTensor(model.forward(w, x as tf.Tensor4D, ours().pass)))([
      toImages(images),
      ...toTensors(model, weights),
    ]);
    const step = 1e-6;
    const slope = (move: (h: number) => [number[][], number[]]) =>
      (mix(torch(...move(step)).logits) - mix(torch(...move(-step)).logits)) / (2 * step);
    const atPixels = tf.transpose(gradients[0], [0, 3, 1, 2]).dataSync();
    for (const i of [0, 41, 83, 130, images.length - 1]) {
      const expected = slope((h) => [weights, images.with(i, images[i] + h)]);
      expect(Math.abs(atPixels[i] - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
    }
    const atWeights = model.toTorchLayout(gradients.slice(1).map((tensor) => tensor.dataSync() as Float32Array));
    atWeights.forEach((gradient, i) => {
      for (const k of new Set([0, Math.floor(gradient.length / 2), gradient.length - 1])) {
        const moved = (h: number) => weights.with(i, weights[i].with(k, weights[i][k] + h));
        const expected = slope((h) => [moved(h), images]);
        const error = Math.abs(gradient[k] - expected);
        expect(error, model.parameters[i].name).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
      }
    });
  });

  test('leaves no tensor but the logits, forward and backward', () => {
    const [w, x, { pass }] = [toTensors(model, weights), toImages(images), ours()];
    const before = tf.memory().numTensors;
    model.forward(w, x, pass).dispose();
    expect(tf.memory().numTensors).toBe(before);
    const { value, grads } = tf.valueAndGrads((...all) =>
      mixTensor(model.forward(all.slice(1), all[0] as tf.Tensor4D, pass)),
    )([x, ...w]);
    tf.dispose([value, ...grads]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('without masks a dropout changes nothing', () => {
  const model = build('pools and a dropout');
  const { weights, images } = draw(model, 4);
  const torch = { weights, buffers: [], mode: 'eval', masks: [] } as const;
  const expected = torchForward(ARCHITECTURES['pools and a dropout'], torch, CLASSES, nchw(images)).logits;
  const tensors = toTensors(model, weights);
  const plain = model.forward(tensors, toImages(images));
  expect(furthest(plain.dataSync(), expected)).toBeLessThan(1e-6);
  const told = model.forward(tensors, toImages(images), { batchNorm: 'train', buffers: [] });
  expect(told.dataSync()).toEqual(plain.dataSync());
});
