// How many images go through a model at once without running out of memory: attacks keep every layer for the way back.
import type { Logits } from '@reseed/attacks';
import * as tf from '@tensorflow/tfjs-core';
import type { AttackedModel } from './attack-source.ts';

/**
 * What the layers of one batch may take, in bytes; ResNet-18 has 11 MB per image. Nearly twice as much is used on the way
 * back, and WebAssembly has 4 GB in all.
 */
const MOST_BYTES = 2 ** 30;

/** The batch size asked for, or as many images as fit; results do not depend on it. */
export function fittingBatch({ facts, batchSize }: Pick<AttackedModel, 'facts' | 'batchSize'>, logits: Logits): number {
  const kept = (images: number) => keptBytes(logits, [images, ...facts.imageShape]);
  // What is there only once, for all images, is in both.
  const bytesPerImage = kept(2) - kept(1);
  return Math.max(1, Math.min(batchSize, Math.floor(MOST_BYTES / bytesPerImage)));
}

/** What is held between the way up and the way back. */
function keptBytes(logits: Logits, shape: [number, number, number, number]): number {
  return tf.tidy(() => {
    const images = tf.zeros<tf.Rank.R4>(shape);
    const before = tf.memory().numBytes;
    let kept = 0;
    tf.grad((x) => {
      const z = logits(x as tf.Tensor4D);
      kept = tf.memory().numBytes - before;
      return tf.sum(z);
    })(images);
    return kept;
  });
}
