import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { BatchTooSmallError } from './batch-norm.ts';
import { buildModel } from './build-model.ts';
import { RunningStatisticsError } from './forward-pass.ts';
import { getModel } from './get-model.ts';
import { referenceCode } from './golden-reference.ts';
import type { Layer } from './layer.ts';
import { planLayers } from './plan-layers.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const norm: Layer = { kind: 'batch_norm', name: 'bn' };
const build = (layers: Layer[], channels: number, pixels = 1) => {
  const { tensors, buffers } = planLayers(layers, [pixels, 1, channels], 10);
  const total = (list: readonly { size: number }[]) => list.reduce((sum, { size }) => sum + size, 0);
  const counts = { parameterCount: total(tensors), bufferCount: total(buffers) };
  return buildModel({ name: 'norm', imageShape: [pixels, 1, channels], ...counts, layers });
};
const close = (found: ArrayLike<number>, expected: readonly number[]) =>
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 6));

test('normalises and counts as PyTorch’s batch norm does', () => {
  const { x, gamma, beta, ...expected } = referenceCode.batchNorm;
  const model = build([norm, { kind: 'flatten' }], 3);
  const images = tf.tensor4d(x, [4, 1, 1, 3]);
  const weights = [tf.tensor1d(gamma), tf.tensor1d(beta)];
  let updated: tf.Tensor[] = [];
  const logits = model.forward(weights, images, {
    batchNorm: 'train',
    buffers: model.initialBuffers(),
    statistics: (statistics) => (updated = statistics),
  });
  close(logits.dataSync(), expected.train_out);
  close(updated[0].dataSync(), expected.running_mean);
  close(updated[1].dataSync(), expected.running_var_unbiased);
  close(model.forward(weights, images, { batchNorm: 'eval', buffers: updated }).dataSync(), expected.eval_out);
  expect(updated.every((tensor) => tensor.kept)).toBe(true);
});

test('silu is PyTorch’s', () => {
  const { x, y } = referenceCode.silu;
  const model = build([{ kind: 'silu' }, { kind: 'flatten' }], 5);
  close(model.forward([], tf.tensor4d(x, [1, 1, 1, 5])).dataSync(), y);
});

test('batch_stats and a train pass that nobody listens to change and keep nothing', () => {
  const model = getModel('tiny-cnn-bn');
  const [weights, buffers] = [model.initialise(1), model.initialBuffers()];
  const images = tf.tidy(() => tf.reshape(tf.div(tf.range(0, 2 * 784), 1568), [2, 28, 28, 1]) as tf.Tensor4D);
  const before = tf.memory().numTensors;
  const heard: tf.Tensor[][] = [];
  const statistics = (updated: tf.Tensor[]) => void heard.push(updated);
  const still = model.forward(weights, images, { batchNorm: 'batch_stats', buffers, statistics });
  const alone = model.forward(weights, images, { batchNorm: 'train', buffers });
  expect(alone.dataSync()).toEqual(still.dataSync());
  expect(heard).toEqual([]);
  expect(tf.memory().numTensors).toBe(before + 2);

  const trained = model.forward(weights, images, { batchNorm: 'train', buffers, statistics });
  expect(trained.dataSync()).toEqual(still.dataSync());
  expect(heard.map((updated) => updated.length)).toEqual([4]);
  expect(tf.memory().numTensors).toBe(before + 3 + 4);
  expect([...buffers[0].dataSync()]).toEqual(Array(16).fill(0));
  tf.dispose([still, alone, trained, ...heard.flat(), images, ...weights, ...buffers]);
});

test('an attack’s gradient through batch norm asks for no derivative of a convolution', async () => {
  const model = getModel('tiny-cnn-bn');
  const [weights, buffers] = [model.initialise(1), model.initialBuffers()];
  const images = tf.ones([2, 28, 28, 1]) as tf.Tensor4D;
  for (const batchNorm of ['train', 'eval', 'batch_stats'] as const) {
    const loss = (x: tf.Tensor) => tf.sum(model.forward(weights, x as tf.Tensor4D, { batchNorm, buffers }));
    const profile = await tf.profile(() => tf.grad(loss)(images));
    expect(profile.kernelNames).toContain('Conv2DBackpropInput');
    expect(profile.kernelNames).not.toContain('Conv2DBackpropFilter');
  }
});

test('what no step uses keeps its statistics and has gradient 0', () => {
  const layers: Layer[] = [
    norm,
    { kind: 'unused', channels: 2, layers: [{ kind: 'batch_norm', name: 'idle' }] },
    { kind: 'flatten' },
  ];
  const model = build(layers, 3);
  const buffers = [1, 2, 3, 4].map((value, i) => tf.fill([i < 2 ? 3 : 2], value));
  const weights = model.initialise(0);
  let updated: tf.Tensor[] = [];
  const gradients = tf.grads((...w) => {
    const pass = { batchNorm: 'train', buffers, statistics: (all: tf.Tensor[]) => (updated = all) } as const;
    return tf.sum(model.forward(w, tf.ones([2, 1, 1, 3]), pass));
  })(weights);
  expect(gradients.map((tensor) => [...tensor.dataSync()])).toEqual([
    [0, 0, 0],
    [2, 2, 2],
    [0, 0],
    [0, 0],
  ]);
  expect(updated.slice(2).map((tensor) => [...tensor.dataSync()])).toEqual([
    [3, 3],
    [4, 4],
  ]);
  buffers[2].dispose();
  expect([...updated[2].dataSync()]).toEqual([3, 3]);
});

test('a model that is not told how to normalise, or by other statistics, says so', () => {
  const model = getModel('tiny-cnn-bn');
  const weights = model.initialise(1);
  const images = tf.zeros([1, 28, 28, 1]) as tf.Tensor4D;
  expect(() => model.forward(weights, images)).toThrow(RunningStatisticsError);
  expect(() => model.forward(weights, images, { batchNorm: 'eval', buffers: [] })).toThrow(
    'tiny-cnn-bn has 4 running statistics; its forward pass was given 0',
  );
});

test('one value per channel is refused, and the statistics of earlier layers do not stay behind', () => {
  const model = build([norm, { kind: 'pool', take: 'max', size: 1, stride: 2 }, norm, { kind: 'flatten' }], 3, 2);
  const [weights, buffers] = [model.initialise(0), model.initialBuffers()];
  const image = tf.ones([1, 2, 1, 3]) as tf.Tensor4D;
  const before = tf.memory().numTensors;
  const pass = { batchNorm: 'train', buffers, statistics: () => {} } as const;
  expect(() => model.forward(weights, image, pass)).toThrow(BatchTooSmallError);
  expect(() => model.forward(weights, image, pass)).toThrow('got a batch of shape [1, 1, 1, 3]');
  expect(tf.memory().numTensors).toBe(before);
  expect(model.forward(weights, image, { batchNorm: 'eval', buffers }).shape).toEqual([1, 3]);
});
