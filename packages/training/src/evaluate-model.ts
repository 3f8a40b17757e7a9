// Clean and robust accuracy of fixed weights on a set of images, under PGD on cross-entropy from seeded starts.
import { craft, type Logits, noiseWithin } from '@reseed/attacks';
import type { Condition } from '@reseed/experiment';
import type { LabelledImages } from '@reseed/datasets';
import * as tf from '@tensorflow/tfjs-core';
import { ATTACK_NORMS } from './attack-norm.ts';
import type { BatchBorder } from './batch-border.ts';
import type { RunData } from './dataset-cache.ts';
import { plainImages } from './evaluation-images.ts';
import type { ImageBatch } from './image-batch.ts';
import { correctPredictions } from './prediction.ts';

export interface EvaluateOptions {
  readonly logits: Logits;
  readonly source: LabelledImages;
  readonly facts: Pick<RunData, 'imageShape' | 'classes'>;
  /** how many images, from the first of the source on */
  readonly count: number;
  readonly settings: Pick<Condition['evaluation'], 'epsilon' | 'steps' | 'stepSize' | 'restarts' | 'batchSize'>;
  /** `attack.norm`; linf unless given */
  readonly norm?: Condition['attack']['norm'];
  readonly seed: number;
  readonly border: BatchBorder;
}

/** Fractions 0…1; robust never exceeds clean. */
export interface Accuracy {
  readonly clean: number;
  readonly robust: number;
}

/** The accuracies, and of every image 1 where it counts for them, else 0. */
export interface ModelEvaluation extends Accuracy {
  readonly cleanCorrect: Uint8Array;
  readonly robustCorrect: Uint8Array;
}

/**
 * An image is robust iff it is classified correctly as it is and at the last iterate of every restart. Its starts depend
 * on (seed, restart, position in the source) alone: not on the epoch, the batch size or other images.
 */
export async function evaluateModel(options: EvaluateOptions): Promise<ModelEvaluation> {
  const { source, facts, count, settings, border } = options;
  const cleanCorrect = new Uint8Array(count);
  const robustCorrect = new Uint8Array(count);
  for (let first = 0; first < count; first += settings.batchSize) {
    await border();
    const size = Math.min(settings.batchSize, count - first);
    const [clean, robust] = tf.tidy(() => correctUnderAttack(options, plainImages(source, facts, first, size), first));
    cleanCorrect.set(await clean.data(), first);
    robustCorrect.set(await robust.data(), first);
    tf.dispose([clean, robust]);
  }
  const share = (correct: Uint8Array) => correct.reduce((sum, bit) => sum + bit, 0) / count;
  return { clean: share(cleanCorrect), robust: share(robustCorrect), cleanCorrect, robustCorrect };
}

function correctUnderAttack(
  { logits, settings, norm: writtenNorm = 'linf', seed }: EvaluateOptions,
  { images, labels: oneHot }: ImageBatch,
  first: number,
): [clean: tf.Tensor1D, robust: tf.Tensor1D] {
  const { epsilon, stepSize, steps, restarts } = settings;
  const norm = ATTACK_NORMS[writtenNorm];
  const threat = { norm, epsilon, seed };
  const positions = Int32Array.from({ length: images.shape[0] }, (_, i) => first + i);
  const clean = correctPredictions(logits(images), oneHot);
  let robust = clean;
  for (let restart = 0; restart < restarts; restart++) {
    robust = tf.tidy(() => {
      const start = noiseWithin({ images, positions, threat }, restart);
      const adversarial = craft({ logits, images, oneHot, norm, epsilon, stepSize, steps, start });
      return tf.logicalAnd(robust, correctPredictions(logits(adversarial), oneHot));
    });
  }
  return [clean, robust];
}
