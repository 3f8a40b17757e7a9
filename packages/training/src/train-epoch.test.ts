// An epoch of training against the same epoch done by hand with TensorFlow.js' own gradients.
import { compileAugmentation } from '@reseed/augmentation';
import { createLoader } from '@reseed/dataloader';
import { imageOffset } from '@reseed/datasets';
import type { RunSpec } from '@reseed/experiment';
import { getModel } from '@reseed/models';
import { attackStream } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { createBatchBorder } from './batch-border.ts';
import { createOptimizer } from './create-optimizer.ts';
import { createDatasetCache, type RunData } from './dataset-cache.ts';
import { DivergedError } from './failure.ts';
import { type Given, oneHotOf, openTrainer, recordRun, smallSpec } from './recorded-run.ts';
import { disposeValues, initialValues, type ModelValues } from './network.ts';
import { trainEpoch, type Training } from './train-epoch.ts';
import { packWeights, unpackWeights } from './weight-vector.ts';

const datasets = createDatasetCache(undefined);
beforeAll(() => openBackend({ device: 'cpu' }));

/** 7 images in batches of 4 and 3. */
const tiny = (given: Given = {}): RunSpec =>
  smallSpec({
    batchSize: 4,
    dataset: { trainSize: 7, validationSize: 1, testSize: 1 },
    augmentation: 'pad_crop',
    optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0 },
    ...given,
  });

async function prepare({ condition, seed }: RunSpec): Promise<Training & { data: RunData }> {
  const data = await datasets.get(condition.dataset);
  const model = getModel(condition.model);
  const { classes } = data;
  const sampleCount = data.train.labels.length;
  const augmentation = compileAugmentation(condition.augmentation, data.imageShape, { classes, sampleCount });
  const { batchSize, loader, seedingMode } = condition;
  return {
    condition,
    seed,
    model,
    data,
    source: { source: data.train, imageShape: data.imageShape, classes: data.classes, augmentation },
    loader: createLoader({
      seed,
      sampleCount: data.train.labels.length,
      batchSize,
      loader,
      seedingMode,
      draws: augmentation,
    }),
    optimizer: createOptimizer(condition.optimizer, model.parameterCount),
    border: createBatchBorder(undefined),
  };
}

const startOf = ({ model, seed }: Training): ModelValues => initialValues(model, seed);

/** As meanCrossEntropy, by another road. */
const crossEntropy = (labels: tf.Tensor2D, logits: tf.Tensor2D): tf.Scalar =>
  tf.tidy(() => tf.neg(tf.mean(tf.sum(tf.mul(tf.log(tf.softmax(logits)), labels), 1))));

interface ByHand {
  readonly weights: Float32Array;
  readonly loss: number;
  readonly accuracy: number;
}

/** Epoch 0 with plain SGD; `force` says the epsilon and the step size of a batch. */
function epochByHand(training: Training, force: (batch: number) => { epsilon: number; stepSize: number }): ByHand {
  const { condition, seed, model, loader, source } = training;
  let weights = model.initialise(seed);
  let [loss, right, count] = [0, 0, 0];
  for (const { batch, indices, parameters, batchParameters } of loader.epoch(0)) {
    const n = indices.length;
    const pixels = new Float32Array(n * 784);
    indices.forEach((index, i) =>
      source.augmentation.apply(
        source.source.images,
        imageOffset(source.source, index, 784),
        parameters[i],
        pixels,
        i * 784,
      ),
    );
    const rows = oneHotOf(Array.from(indices, (index) => source.source.labels[index])).dataSync() as Float32Array;
    if (batchParameters !== undefined) source.augmentation.mix?.(pixels, rows, batchParameters);
    const targets = tf.tensor2d(rows, [n, 10]);
    const labels = tf.argMax(targets, 1).dataSync();
    const smoothed = tf.add(
      tf.mul(targets, 1 - condition.labelSmoothing),
      condition.labelSmoothing / 10,
    ) as tf.Tensor2D;
    const { epsilon, stepSize } = force(batch);
    const clip = (x: Float32Array) =>
      x.map((value, i) =>
        Math.min(Math.min(1, pixels[i] + epsilon), Math.max(Math.max(0, pixels[i] - epsilon), value)),
      );
    let x = pixels;
    if (condition.method !== 'plain') {
      const noise = new Float32Array(pixels.length);
      if (condition.attack.init === 'uniform') {
        attackStream(seed, 0, batch, 0).fillUniform(noise, -epsilon, epsilon);
      }
      x = clip(pixels.map((value, i) => value + noise[i]));
      const lossOf = (images: tf.Tensor) => crossEntropy(targets, model.forward(weights, images as tf.Tensor4D));
      for (let step = 0; step < condition.attack.steps; step++) {
        const gradient = tf
          .grad(lossOf)(tf.tensor4d(x, [n, 28, 28, 1]))
          .dataSync();
        x = clip(x.map((value, i) => value + stepSize * Math.sign(gradient[i])));
      }
    }
    const images = tf.tensor4d(x, [n, 28, 28, 1]);
    const logits = model.forward(weights, images);
    loss += crossEntropy(targets, logits).dataSync()[0] * n;
    tf.argMax(logits, 1)
      .dataSync()
      .forEach((predicted, i) => (right += Number(predicted === labels[i])));
    count += n;
    const gradients = tf.grads((...w) => crossEntropy(smoothed, model.forward(w, images)))(weights);
    weights = weights.map((weight, i) => tf.sub(weight, tf.mul(gradients[i], condition.optimizer.learningRate)));
  }
  return { weights: packWeights(weights).dataSync() as Float32Array, loss: loss / count, accuracy: right / count };
}

describe('one epoch', () => {
  it.each<[string, Given]>([
    ['pgd from a uniform start', {}],
    ['pgd from the image', { attack: { init: 'zero', steps: 3 } }],
    ['fgsm', { method: 'fgsm', attack: { steps: 1, epsilon: 0.2 } }],
    ['plain', { method: 'plain' }],
    ['smoothed labels', { labelSmoothing: 0.1 }],
    ['images mixed after their crops', { augmentation: ['pad_crop', 'mixup_batch'] }],
  ])('of %s is the epoch done by hand, the short batch included', async (_, given) => {
    const training = await prepare(tiny({ ...given, warmup: { epsilonFraction: 0 } }));
    const { epsilon, stepSize } = training.condition.attack;
    const expected = epochByHand(training, () => ({ epsilon, stepSize }));
    const { values, metrics } = await trainEpoch(training, 0, startOf(training));
    const trained = values.weights.dataSync();
    const moved = startOf(training).weights.dataSync();
    const distance = (a: ArrayLike<number>) => Math.max(...expected.weights.map((value, i) => Math.abs(value - a[i])));
    expect(distance(moved)).toBeGreaterThan(1e-3);
    expect(distance(trained)).toBeLessThan(1e-5);
    expect(metrics.loss).toBeCloseTo(expected.loss, 5);
    expect(metrics.accuracy).toBeCloseTo(expected.accuracy, 6);
    expect(metrics.epsilon).toBe(training.condition.method === 'plain' ? 0 : epsilon);
  });

  it('attacks each batch with the strength of its own step while epsilon warms up', async () => {
    const training = await prepare(tiny({ epochs: 3, attack: { epsilon: 0.3 }, warmup: { epsilonFraction: 0.75 } }));
    // 2 batches in 3 epochs: 6 steps, of which 4.5 are warm-up.
    const share = (batch: number) => (batch + 1) / 4.5;
    const { epsilon, stepSize } = training.condition.attack;
    const expected = epochByHand(training, (batch) => ({
      epsilon: epsilon * share(batch),
      stepSize: stepSize * share(batch),
    }));
    const { values, metrics } = await trainEpoch(training, 0, startOf(training));
    const trained = values.weights.dataSync();
    expect(Math.max(...expected.weights.map((value, i) => Math.abs(value - trained[i])))).toBeLessThan(1e-5);
    expect(metrics.epsilon).toBeCloseTo(epsilon * share(1), 12);
  });
});

describe('schedules in force at the last step of each epoch', () => {
  // 70 images in batches of 20: 4 steps in each of 5 epochs.
  const steps = [3, 7, 11, 15, 19];
  const run = async (given: Given) => {
    const spec = smallSpec({ epochs: 5, dataset: { validationSize: 1, testSize: 1 }, ...given });
    return (await recordRun(await openTrainer(), spec)).epochs;
  };

  it('the default: a tenth from 70 % of the steps on, epsilon full from 40 % on', async () => {
    const epochs = await run({ attack: { epsilon: 0.1, steps: 1 } });
    epochs.forEach(({ learningRate, epsilon }, e) => {
      expect(learningRate).toBeCloseTo(steps[e] >= 14 ? 2e-4 : 2e-3, 12);
      expect(epsilon).toBeCloseTo(0.1 * Math.min(1, (steps[e] + 1) / (0.4 * 20)), 12);
    });
  });

  it.each<[string, Given, (step: number) => number]>([
    ['constant', { name: 'constant' }, () => 1],
    ['cosine', { name: 'cosine' }, (step) => (1 + Math.cos((Math.PI * step) / 20)) / 2],
    ['cyclic', { name: 'cyclic', peak: 0.25 }, (step) => (step < 5 ? step / 5 : (20 - step) / 15)],
    [
      'linear',
      { name: 'linear' },
      (step) => (step <= 6 ? 1 : step <= 13 ? 1 - (0.9 * (step - 6)) / 7 : 0.1 - (0.09 * (step - 13)) / 7),
    ],
    ['piecewise', { milestones: [0.3, 0.75], factor: 0.5 }, (step) => 0.5 ** (Number(step >= 6) + Number(step >= 15))],
  ])('%s', async (_, schedule, share) => {
    const epochs = await run({ method: 'plain', schedule });
    epochs.forEach(({ learningRate }, e) => expect(learningRate).toBeCloseTo(2e-3 * share(steps[e]), 12));
  });
});

describe('tensors', () => {
  it('that are left: the new weights and nothing else; the old ones are gone', async () => {
    const training = await prepare(tiny());
    const start = startOf(training);
    const before = tf.memory().numTensors;
    const { values } = await trainEpoch(training, 0, start);
    expect(start.weights.isDisposed).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    disposeValues(values);
  });

  it('are freed when a step fails, whichever step it is', async () => {
    const training = await prepare(tiny());
    const before = tf.memory();
    // A vector that is no weight vector of the model makes the first step fail.
    await expect(
      trainEpoch(training, 0, { weights: tf.zeros([3]) as tf.Tensor1D, statistics: undefined }),
    ).rejects.toThrow();
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
  });

  it('are freed when it is stopped at the border before a batch', async () => {
    const training = await prepare(tiny({ batchSize: 2 }));
    const before = tf.memory();
    for (const last of [1, 3]) {
      let borders = 0;
      const border = async () => {
        if (++borders === last) throw new Error('stopped');
      };
      await expect(trainEpoch({ ...training, border }, 0, startOf(training))).rejects.toThrow('stopped');
      expect(borders).toBe(last);
      expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
    }
  });

  it('are as many before step 150 of an epoch as before step 50', async () => {
    const training = await prepare(tiny({ batchSize: 1, dataset: { trainSize: 151 } }));
    const seen: object[] = [];
    const border = async () => {
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      seen.push({ numTensors, numDataBuffers, numBytes });
    };
    const { values } = await trainEpoch({ ...training, border }, 0, startOf(training));
    disposeValues(values);
    expect(seen).toHaveLength(151);
    expect(seen[150]).toEqual(seen[50]);
    expect(seen[120]).toEqual(seen[70]);
    expect(seen[70]).not.toEqual(seen[50]);
  });

  it('are freed when the loss or only the weights stop being finite', async () => {
    for (const [quantity, learningRate] of [
      ['weights', 1e39],
      ['loss', 1e18],
    ] as const) {
      const oneStep = quantity === 'weights' ? { batchSize: 7 } : { batchSize: 1 };
      const training = await prepare(tiny({ ...oneStep, optimizer: { name: 'sgd', learningRate, momentum: 0 } }));
      const before = tf.memory().numTensors;
      const error = await trainEpoch(training, 4, startOf(training)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DivergedError);
      expect(error).toMatchObject({ epoch: 4, quantity });
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});

it('weights travel as one vector and come back as they were', async () => {
  const { model, seed } = await prepare(tiny());
  const shapes = model.parameters.map(({ shape }) => shape);
  const weights = model.initialise(seed);
  const back = unpackWeights(packWeights(weights), shapes);
  expect(back.map(({ shape }) => shape)).toEqual(weights.map(({ shape }) => shape));
  const bytesOf = (tensors: tf.Tensor[]) =>
    tensors.map((tensor) => Buffer.from(tensor.dataSync().buffer).toString('base64'));
  expect(bytesOf(back).join()).toBe(bytesOf(weights).join());
});
