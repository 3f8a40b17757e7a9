// Which images a model gets right.
import * as tf from '@tensorflow/tfjs-core';

/** One boolean per image: is the largest logit that of the true class? `logits` and `oneHot` are [n, classes]. */
export function correctPredictions(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => tf.equal(tf.argMax(logits, 1), tf.argMax(oneHot, 1)));
}
