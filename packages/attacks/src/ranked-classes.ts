// Classes by the size of their logits, as one-hot rows: what the margin losses of Carlini & Wagner (2017) and DLR compare.
import * as tf from '@tensorflow/tfjs-core';

/** Larger than any logit, so that a hidden class is never the strongest. */
const HIDE = 1e9;

/** The logits with the class of each row of `oneHot` pushed below all others; the others keep their bits. */
export function hideClass(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(logits, tf.mul(oneHot, HIDE));
}

/** One-hot float rows [images, classes] of the largest logit, the first of equals. */
export function strongestClass(logits: tf.Tensor2D): tf.Tensor2D {
  // Asked for float32 directly, the stock wasm backend writes the integers' bits.
  return tf.cast(tf.oneHot(tf.argMax<tf.Tensor1D>(logits, 1), logits.shape[1]), 'float32') as tf.Tensor2D;
}

/** The `count` strongest classes, strongest first, each as one-hot rows. */
export function rankedClasses(logits: tf.Tensor2D, count: number): tf.Tensor2D[] {
  const ranked: tf.Tensor2D[] = [];
  for (let left = logits; ranked.length < count; left = hideClass(left, ranked[ranked.length - 1])) {
    ranked.push(strongestClass(left));
  }
  return ranked;
}

/** The logit that each one-hot row picks, [images]. */
export function pickLogits(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(tf.mul(logits, oneHot), 1);
}
