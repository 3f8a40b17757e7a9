// Free training against the algorithm of its paper done by hand, the short batch and the carried perturbation included.
import { compileAugmentation } from '@reseed/augmentation';
import { createLoader } from '@reseed/dataloader';
import { imageOffset } from '@reseed/datasets';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { createBatchBorder } from './batch-border.ts';
import { createOptimizer } from './create-optimizer.ts';
import { createDatasetCache } from './dataset-cache.ts';
import { CarriedPerturbation, replayBatch } from './free-replay.ts';
import { buildNetwork, initialValues } from './network.ts';
import { oneHotOf, smallSpec } from './recorded-run.ts';
import { trainEpoch } from './train-epoch.ts';
import { packWeights } from './weight-vector.ts';

beforeAll(() => openBackend({ device: 'cpu' }));

const meanLoss = (logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Scalar =>
  tf.neg(tf.mean(tf.sum(tf.mul(tf.log(tf.softmax(logits)), labels), 1)));

it('an epoch is the epoch done by hand', async () => {
  const { condition, seed } = smallSpec({
    method: 'free',
    attack: { steps: 1, replays: 3, epsilon: 0.2, stepSize: 0.15 },
    epochs: 2,
    batchSize: 4,
    dataset: { trainSize: 7, validationSize: 1, testSize: 1 },
    optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0 },
    schedule: { name: 'cosine' },
    warmup: { epsilonFraction: 0.5 },
  });
  const data = await createDatasetCache(undefined).get(condition.dataset);
  const { imageShape, classes } = data;
  const model = buildNetwork(condition, data);
  const augmentation = compileAugmentation('none', imageShape);
  const loader = createLoader({
    seed,
    sampleCount: 7,
    batchSize: 4,
    loader: condition.loader,
    seedingMode: 'modern',
    draws: augmentation,
  });
  const perturbation = CarriedPerturbation.zero([4, 28, 28, 1]);
  const training = {
    condition,
    seed,
    model,
    loader,
    perturbation,
    source: { source: data.train, imageShape, classes, augmentation },
    optimizer: createOptimizer(condition.optimizer, model.parameterCount),
    border: createBatchBorder(undefined),
  };
  const { values, metrics } = await trainEpoch(training, 0, initialValues(model, seed));

  let weights = model.initialise(seed);
  const delta = new Float32Array(4 * 784);
  let step = 0;
  const losses: number[] = [];
  for (const { indices } of loader.epoch(0)) {
    const n = indices.length;
    const x = Float32Array.from(
      Array.from(indices).flatMap((i) => {
        const start = imageOffset(data.train, i, 784);
        return Array.from(data.train.images.subarray(start, start + 784), (v) => v / 255);
      }),
    );
    const labels = oneHotOf(Array.from(indices, (i) => data.train.labels[i]));
    for (let replay = 0; replay < 3; replay++, step++) {
      // 2 epochs of 2 batches of 3 replays: 12 steps, 6 of them warm-up.
      const share = Math.min(1, (step + 1) / 6);
      const rate = 0.1 * 0.5 * (1 + Math.cos((Math.PI * step) / 12));
      const perturbed = x.map((value, i) => Math.min(1, Math.max(0, Math.fround(value + delta[i]))));
      const images = tf.tensor4d(perturbed, [n, 28, 28, 1]);
      const loss = meanLoss(model.forward(weights, images), labels);
      losses.push(...Array(n).fill(loss.dataSync()[0]));
      const slope = tf
        .grad((z) => meanLoss(model.forward(weights, z as tf.Tensor4D), labels))(images)
        .dataSync();
      const gradients = tf.grads((...w) => meanLoss(model.forward(w, images), labels))(weights);
      for (let i = 0; i < x.length; i++) {
        const inside = x[i] + delta[i] >= 0 && x[i] + delta[i] <= 1;
        const moved = delta[i] + 0.15 * share * (inside ? Math.sign(slope[i]) : 0);
        delta[i] = Math.min(0.2 * share, Math.max(-0.2 * share, moved));
      }
      weights = weights.map((weight, i) => tf.sub(weight, tf.mul(gradients[i], rate)));
    }
  }
  expect(step).toBe(6);
  const [expected, trained] = [packWeights(weights).dataSync(), values.weights.dataSync()];
  const farthest = (from: ArrayLike<number>) => Math.max(...trained.map((value, i) => Math.abs(value - from[i])));
  expect(farthest(expected)).toBeLessThan(1e-4);
  expect(farthest(initialValues(model, seed).weights.dataSync())).toBeGreaterThan(1e-2);
  const carried = perturbation.rows.dataSync();
  const apart = carried.filter((value, i) => Math.abs(value - delta[i]) > 1e-6).length;
  // A gradient next to zero may have either sign.
  expect(apart).toBeLessThan(10);
  expect(metrics.loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss) / losses.length, 4);
  expect(metrics.epsilon).toBeCloseTo(0.2, 12);
});

describe('a replay', () => {
  const images = () => tf.tensor4d([0, 0.5, 1, 0.5], [1, 2, 2, 1]);
  const forward = (w: tf.Tensor[], x: tf.Tensor4D) =>
    tf.matMul(tf.reshape(x, [-1, 4]), w[0] as tf.Tensor2D) as tf.Tensor2D;
  const weights = () => [tf.tensor2d([1, -1, 1, -1, 1, -1, 0, 0], [4, 2])];
  const labels = () => tf.tensor2d([[1, 0]]);

  it('moves by the sign, keeps within epsilon, and leaves pixels that [0, 1] holds', () => {
    const before = tf.tensor4d([-0.1, 0.1, 0.1, 0.1], [1, 2, 2, 1]);
    const { perturbation } = replayBatch(forward, weights(), { images: images(), labels: labels() }, before, {
      epsilon: 0.2,
      stepSize: 0.15,
    });
    // Held at 0, falls, held at 1, no gradient.
    const expected = [-0.1, -0.05, 0.1, 0.1];
    perturbation.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
  });

  it('of a shorter batch moves its rows only', () => {
    const carried = CarriedPerturbation.zero([3, 1, 1, 1]);
    carried.replaceFirst(tf.tensor4d([1, 2], [2, 1, 1, 1]));
    carried.replaceFirst(tf.tensor4d([5], [1, 1, 1, 1]));
    expect(Array.from(carried.rows.dataSync())).toEqual([5, 2, 0]);
    expect(Array.from(carried.first(2).dataSync())).toEqual([5, 2]);
  });
});
