// Clean and robust accuracy of fixed weights on a set of images, under PGD on cross-entropy from seeded starts.
import { craft, fillUniformNoise, type Logits } from '@reseed/attacks';
import { compileAugmentation } from '@reseed/augmentation';
import type { Condition } from '@reseed/experiment';
import type { LabelledImages } from '@reseed/datasets';
import { evaluationStream } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import type { BatchBorder } from './batch-border.ts';
import type { RunData } from './dataset-cache.ts';
import { type ImageBatch, imageBatch } from './image-batch.ts';
import { correctPredictions } from './prediction.ts';

export interface EvaluateOptions {
  readonly logits: Logits;
  readonly source: LabelledImages;
  readonly facts: Pick<RunData, 'imageShape' | 'classes'>;
  /** how many images, from the first of the source on */
  readonly count: number;
  readonly settings: Condition['evaluation'];
  readonly seed: number;
  readonly border: BatchBorder;
}

/** Fractions 0…1; robust never exceeds clean. */
export interface Accuracy {
  readonly clean: number;
  readonly robust: number;
}

/**
 * An image is robust iff it is classified correctly as it is and at the last iterate of every restart. Its starts depend
 * on (seed, restart, position in the source) alone: not on the epoch, the batch size or other images.
 */
export async function evaluateModel(options: EvaluateOptions): Promise<Accuracy> {
  const { source, facts, count, settings, border } = options;
  const plain = compileAugmentation('none', facts.imageShape);
  const correct = { clean: 0, robust: 0 };
  for (let first = 0; first < count; first += settings.batchSize) {
    await border();
    const indices = Int32Array.from({ length: Math.min(settings.batchSize, count - first) }, (_, i) => first + i);
    const parameters = Array.from(indices, () => []);
    const [clean, robust] = tf.tidy(() => {
      const batch = imageBatch({ source, ...facts, augmentation: plain }, { indices, parameters });
      return correctUnderAttack(options, batch, first);
    });
    for (const value of await clean.data()) correct.clean += value;
    for (const value of await robust.data()) correct.robust += value;
    tf.dispose([clean, robust]);
  }
  return { clean: correct.clean / count, robust: correct.robust / count };
}

function correctUnderAttack(
  { logits, facts, settings, seed }: EvaluateOptions,
  { images, labels: oneHot }: ImageBatch,
  first: number,
): [clean: tf.Tensor1D, robust: tf.Tensor1D] {
  const { epsilon, stepSize, steps, restarts } = settings;
  const clean = correctPredictions(logits(images), oneHot);
  let robust = clean;
  for (let restart = 0; restart < restarts; restart++) {
    robust = tf.tidy(() => {
      const noise = new Float32Array(images.size);
      const imageSize = images.size / images.shape[0];
      for (let i = 0; i < images.shape[0]; i++) {
        const target = noise.subarray(i * imageSize, (i + 1) * imageSize);
        fillUniformNoise(evaluationStream(seed, restart, first + i), target, facts.imageShape, epsilon);
      }
      const start = tf.tensor4d(noise, images.shape);
      const adversarial = craft({ logits, images, oneHot, epsilon, stepSize, steps, start });
      return tf.logicalAnd(robust, correctPredictions(logits(adversarial), oneHot));
    });
  }
  return [clean, robust];
}
