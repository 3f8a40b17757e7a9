import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { getModel, type ModelName } from './get-model.ts';
import { ModelOptionError } from './model-options.ts';
import { LayerOrderError } from './plan-layers.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const GREY = [28, 28, 1] as const;
const COLOUR = [32, 32, 3] as const;

test.each<[ModelName, readonly [number, number, number], number, number]>([
  ['tiny-cnn', COLOUR, 10, 8 * 3 * 9 + 8 + 16 * 8 * 9 + 16 + 64 * 1024 + 64 + 650],
  ['mnist_net', COLOUR, 100, 16 * 3 * 16 + 16 + 32 * 16 * 16 + 32 + 100 * 2048 + 100 + 100 * 100 + 100],
  ['preactresnet-18', GREY, 10, 11_172_170 - 64 * 2 * 9],
  ['preactresnet-18', COLOUR, 100, 11_172_170 + 90 * 513],
  ['wrn-40-2-trades', GREY, 10, 2_350_778 - 16 * 2 * 9],
  ['wrn-40-2-deepmind-relu', GREY, 10, 2_243_546 - 16 * 2 * 9],
])('%s for %s and %i classes', (name, imageShape, classes, parameterCount) => {
  const model = getModel(name, { imageShape, classes });
  expect(model).toMatchObject({ imageShape, classes, parameterCount });
  expect(model.parameters.at(-1)?.shape).toEqual([classes]);
});

test('a model for colour images and four classes takes them', () => {
  const model = getModel('tiny-cnn-bn', { imageShape: COLOUR, classes: 4 });
  const pass = { batchNorm: 'eval', buffers: model.initialBuffers() } as const;
  const logits = model.forward(model.initialise(2), tf.ones([3, ...COLOUR]), pass);
  expect(logits.shape).toEqual([3, 4]);
});

test('normalised pixels are (x − mean) / std, and their gradient is divided by std', () => {
  const normalisation = { mean: [0.25, 0.5], std: [0.5, 0.125] };
  const options = { imageShape: [1, 1, 2], classes: 2 } as const;
  const [plain, normalised] = [
    getModel('linear-softmax', options),
    getModel('linear-softmax', { ...options, normalisation }),
  ];
  const weights = [tf.tensor2d([1, 2, 3, 5], [2, 2]), tf.tensor1d([0, 1])];
  const images = tf.tensor4d([1, 0.75], [1, 1, 1, 2]);
  const before = tf.memory().numTensors;
  const found = normalised.forward(weights, images);
  expect(tf.memory().numTensors).toBe(before + 1);
  expect([...found.dataSync()]).toEqual([...plain.forward(weights, tf.tensor4d([1.5, 2], [1, 1, 1, 2])).dataSync()]);
  const gradient = tf.grad((x) => tf.sum(normalised.forward(weights, x as tf.Tensor4D)))(images);
  expect([...gradient.dataSync()]).toEqual([3 / 0.5, 8 / 0.125]);
});

test('a small image gets its border before it is normalised', () => {
  const normalisation = { mean: [0.5], std: [0.25] };
  const model = getModel('wrn-40-2-deepmind-relu', { imageShape: GREY, normalisation });
  expect(model.state.slice(0, 2)).toMatchObject([
    { name: 'mean', shape: [1, 1, 1], source: { values: Float32Array.of(0.5) } },
    { name: 'std', shape: [1, 1, 1], source: { values: Float32Array.of(0.25) } },
  ]);
});

test.each<[string, ModelName, object, RegExp]>([
  ['no channels', 'tiny-cnn', { imageShape: [28, 28, 0] }, /tiny-cnn: imageShape must be .* got \[28,28,0\]/],
  ['half a pixel', 'tiny-cnn', { imageShape: [28.5, 28, 1] }, /imageShape/],
  ['one class', 'tiny-cnn', { classes: 1 }, /classes must be a whole number from 2, got 1/],
  ['a mean too few', 'wrn-40-2-trades', { normalisation: { mean: [0, 0], std: [1, 1, 1] } }, /each of 3 channels/],
  ['no spread', 'tiny-cnn', { normalisation: { mean: [0], std: [0] } }, /positive std/],
  ['a mean that is no number', 'tiny-cnn', { normalisation: { mean: [NaN], std: [1] } }, /positive std/],
])('%s is refused', (_, name, options, message) => {
  expect(() => getModel(name, options)).toThrow(ModelOptionError);
  expect(() => getModel(name, options)).toThrow(message);
});

test.each<[ModelName, [number, number, number], string]>([
  [
    'small-cnn',
    [12, 12, 1],
    'feature_extractor.conv4 gets an input of shape [2, 2, 64]; it needs an image of at least 3×3',
  ],
  ['wrn-40-2-deepmind-relu', [29, 28, 1], 'border of wrn-40-2-deepmind-relu gets an input of shape [29, 28, 1]'],
])('%s cannot take images of %s', (name, imageShape, message) => {
  expect(() => getModel(name, { imageShape })).toThrow(LayerOrderError);
  expect(() => getModel(name, { imageShape })).toThrow(message);
});
