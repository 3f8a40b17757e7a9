// The losses an attack climbs, given by their gradient at the logits, which is all that an attack reads of them.
import * as tf from '@tensorflow/tfjs-core';

/**
 * The gradient, at the logits, of a loss summed over images.
 * `logits` and `oneHot` (the true classes) have shape [images, classes]; so has the result.
 */
export type AttackLoss = (logits: tf.Tensor2D, oneHot: tf.Tensor2D) => tf.Tensor2D;

/** Cross-entropy: softmax(z) − onehot(y). */
export const crossEntropy: AttackLoss = (logits, oneHot) => tf.sub(tf.softmax(logits), oneHot);

/** Larger than any logit, so that the true class is never the runner-up. */
const HIDE_TRUE_CLASS = 1e9;

/** Margin of Carlini & Wagner (2017), max_{k≠y} z_k − z_y: +1 at the strongest other class, −1 at the true one. */
export const cwMargin: AttackLoss = (logits, oneHot) => {
  const others = tf.sub(logits, tf.mul(oneHot, HIDE_TRUE_CLASS));
  // Asked for float32 directly, the stock wasm backend writes the integers' bits.
  const runnerUp = tf.cast(tf.oneHot(tf.argMax<tf.Tensor1D>(others, 1), logits.shape[1]), 'float32');
  return tf.sub(runnerUp as tf.Tensor2D, oneHot);
};
