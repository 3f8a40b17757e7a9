// Names, shapes, counts and numbers against the reference PyTorch classes.
import { createHash } from 'node:crypto';
import { NumpyRandomState } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { buildModel, type Model } from './build-model.ts';
import type { ForwardPass } from './forward-pass.ts';
import { getModel, type ModelName } from './get-model.ts';
import { type Digest, referenceCode, type ReferenceNumbers } from './golden-reference.ts';
import type { Architecture, Layer } from './layer.ts';
import { madryCnn } from './madry-cnn.ts';
import { planLayers } from './plan-layers.ts';
import { preactResnet18, preactResnet18Deepmind, preactResnet18Wong } from './preact-resnet.ts';
import { smallCnn } from './small-cnn.ts';
import { tinyCnnBn } from './tiny-cnn-bn.ts';
import { wideResNetDeepmind, wideResNetRice, wideResNetTrades } from './wide-resnet.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each(Object.entries(referenceCode.counts))('%s has as many values as PyTorch counts', (name, counts) => {
  const model = getModel(name as ModelName);
  expect(model.parameterCount).toBe(counts.trainable);
  expect(model.parameters.reduce((sum, { size }) => sum + size, 0)).toBe(counts.trainable);
  expect(model.buffers.reduce((sum, { size }) => sum + size, 0)).toBe(counts.runningStatistics);
  expect(model).toMatchObject({ name, classes: 10 });
});

test.each(Object.entries(referenceCode.stateDicts))('%s has the state_dict of its class', (name, expected) => {
  const { state, parameterCount } = getModel(name as ModelName);
  expect(state.slice(0, 3).map((entry) => entry.name)).toEqual(expected.first.slice(0, state.length));
  expect(state.at(-1)?.name).toBe(expected.last);
  expect(state).toHaveLength(expected.entries);
  const lines = state.map((entry) => `${entry.name} ${entry.shape.join()}\n`).join('');
  expect(createHash('sha256').update(lines).digest('hex')).toBe(expected.sha256);
  expect(parameterCount).toBe(expected.trainable);
});

/** An architecture with all channels of its convolutions divided, so that a test takes no minutes. */
function narrowed(layers: readonly Layer[], by: number): Layer[] {
  return layers.map((layer) => {
    switch (layer.kind) {
      case 'conv':
        return { ...layer, channels: layer.channels / by };
      case 'residual': {
        const [entry, branch, shortcut] = [layer.entry, layer.branch, layer.shortcut].map((part) => narrowed(part, by));
        return { ...layer, entry, branch, shortcut };
      }
      case 'unused':
        return { ...layer, channels: layer.channels / by, layers: narrowed(layer.layers, by) };
      case 'batch_norm':
      case 'dropout':
      case 'flatten':
      case 'global_average':
      case 'linear':
      case 'pool':
      case 'relu':
      case 'silu':
        return layer;
    }
  });
}

const small = (depth: number, width: number) => ({ depth, width, parameterCount: 0, bufferCount: 0 });
const ARCHITECTURES: Record<string, Architecture> = {
  'tiny-cnn-bn': tinyCnnBn,
  'madry-cnn': madryCnn,
  'small-cnn': smallCnn,
  'preactresnet-18': preactResnet18,
  'preactresnet-18-wong': preactResnet18Wong,
  'preactresnet-18-deepmind-silu': preactResnet18Deepmind('silu'),
  'preactresnet-18-deepmind-relu': preactResnet18Deepmind('relu'),
  'wrn-10-1-deepmind-silu': wideResNetDeepmind(small(10, 1), 'silu'),
  'wrn-10-2-deepmind-relu': wideResNetDeepmind(small(10, 2), 'relu'),
  'wrn-10-2-trades': wideResNetTrades(small(10, 2)),
  'wrn-16-1-rice': wideResNetRice(small(16, 1)),
};

function build({ name, shape, narrower = 1, mean, std }: ReferenceNumbers): Model {
  const architecture = ARCHITECTURES[name];
  const layers = narrowed(architecture.layers, narrower);
  const [, channels, height, width] = shape;
  const { tensors, buffers } = planLayers(layers, architecture.imageShape, 10);
  const total = (list: readonly { size: number }[]) => list.reduce((sum, { size }) => sum + size, 0);
  const counted = { parameterCount: total(tensors), bufferCount: total(buffers) };
  const normalisation = mean === undefined || std === undefined ? undefined : { mean, std };
  return buildModel({ ...architecture, ...counted, layers }, { imageShape: [height, width, channels], normalisation });
}

const digest = (values: Float32Array): Digest => [
  values[0],
  values[values.length - 1],
  values.reduce((sum, value) => sum + Math.abs(value), 0),
];

/** Largest difference, relative to the largest value. */
function distance(found: ArrayLike<number>, expected: readonly number[]): number {
  const scale = Math.max(...expected.map(Math.abs), 1e-3);
  return Math.max(...expected.map((value, i) => Math.abs(found[i] - value))) / scale;
}

test.each(referenceCode.numbers.map((numbers) => [`${numbers.name} on ${numbers.shape.join('×')}`, numbers] as const))(
  '%s computes what its reference class computes, forward and backward',
  (_, numbers) => {
    const model = build(numbers);
    const stream = new NumpyRandomState(11);
    const draw = (size: number, low: number, high: number) =>
      Float32Array.from({ length: size }, () => stream.uniform(low, high));
    const torch = model.parameters.map(({ size }) => draw(size, -0.4, 0.4));
    const running = model.buffers.map(({ size, initial }) =>
      initial === 0 ? draw(size, -0.3, 0.3) : draw(size, 0.5, 1.5),
    );
    const [n, channels, height, width] = numbers.shape;
    const pixels = tf.tensor4d(draw(n * channels * height * width, 0, 1), numbers.shape);
    const x = tf.transpose(pixels, [0, 2, 3, 1]) as tf.Tensor4D;
    const weights = model.fromTorchLayout(torch).map((values, i) => tf.tensor(values, [...model.parameters[i].shape]));
    const buffers = running.map((values) => tf.tensor1d(values));

    const evaluated = model.forward(weights, x, { batchNorm: 'eval', buffers });
    expect(distance(evaluated.dataSync(), numbers.evalLogits)).toBeLessThan(1e-5);

    let statistics: Digest[] = [];
    const pass: ForwardPass = {
      batchNorm: 'train',
      buffers,
      statistics: (updated) => (statistics = updated.map((tensor) => digest(tensor.dataSync() as Float32Array))),
    };
    const trained = model.forward(weights, x, pass);
    expect(distance(trained.dataSync(), numbers.trainLogits)).toBeLessThan(1e-5);
    expect(statistics).toHaveLength(numbers.statistics.length);
    statistics.forEach((found, i) => expect(distance(found, numbers.statistics[i])).toBeLessThan(1e-5));

    const mixed = (z: tf.Tensor2D) => tf.sum(tf.mul(z, tf.reshape(tf.range(1, z.size + 1), z.shape)));
    const [atPixels, ...atWeights] = tf.grads((images, ...w) =>
      mixed(model.forward(w, images as tf.Tensor4D, { batchNorm: 'train', buffers })),
    )([x, ...weights]);
    const atTorchPixels = tf.transpose(atPixels, [0, 3, 1, 2]).dataSync() as Float32Array;
    expect(distance(digest(atTorchPixels), numbers.pixels)).toBeLessThan(1e-4);
    const gradients = model.toTorchLayout(atWeights.map((tensor) => tensor.dataSync() as Float32Array));
    gradients.forEach((gradient, i) =>
      expect(distance(digest(gradient), numbers.weights[i]), model.parameters[i].name).toBeLessThan(1e-4),
    );
  },
);
