// For tests: a small model that knows some digits, taught by a few dozen plain descents on real images.
import type { Logits } from '@reseed/attacks';
import { getModel } from '@reseed/models';
import * as tf from '@tensorflow/tfjs-core';
import { createDatasetCache, type RunData } from './dataset-cache.ts';
import { plainImages } from './evaluation-images.ts';
import { oneHotOf, smallSpec } from './recorded-run.ts';
import { meanCrossEntropy } from './training-loss.ts';

export interface LearntDigits {
  readonly data: RunData;
  readonly weights: tf.Tensor[];
  readonly logits: Logits;
}

/** tiny-cnn after 60 steps on 100 images: right on some, and fooled on some of those. */
export async function learnDigits(testSize: number, seed = 2021): Promise<LearntDigits> {
  const { dataset } = smallSpec({ dataset: { trainSize: 100, testSize } }).condition;
  const data = await createDatasetCache(undefined).get(dataset);
  const model = getModel('tiny-cnn');
  const { images } = plainImages(data.train, data, 0, 100);
  const oneHot = oneHotOf(data.train.labels);
  let weights = model.initialise(seed);
  for (let step = 0; step < 60; step++) {
    weights = tf.tidy(() => {
      const gradients = tf.grads((...w) => meanCrossEntropy(model.forward(w, images), oneHot))(weights);
      return weights.map((weight, i) => tf.sub(weight, tf.mul(gradients[i], 0.15)));
    });
  }
  return { data, weights, logits: (x) => model.forward(weights, x) };
}
