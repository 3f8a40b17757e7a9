// The gradients at the logits that training's attacks climb: cross-entropy and the margin of Carlini & Wagner (2017).
import * as tf from '@tensorflow/tfjs-core';
import { hideClass, strongestClass } from './ranked-classes.ts';

/**
 * The gradient, at the logits, of a loss summed over images.
 * `logits` and `oneHot` (the true classes) have shape [images, classes]; so has the result.
 */
export type AttackLoss = (logits: tf.Tensor2D, oneHot: tf.Tensor2D) => tf.Tensor2D;

/** A loss that an attack climbs. `labels` are one-hot rows [images, classes] unless the loss says otherwise. */
export interface ImageLoss {
  /** The loss of every image, [images]. */
  readonly values: (logits: tf.Tensor2D, labels: tf.Tensor2D) => tf.Tensor1D;
  /** Its gradient at the logits, [images, classes]. */
  readonly gradient: AttackLoss;
}

/** Cross-entropy: softmax(z) − onehot(y); soft labels, rows that sum to 1, may take the place of onehot(y). */
export const crossEntropy: AttackLoss = (logits, oneHot) => tf.sub(tf.softmax(logits), oneHot);

/** Margin of Carlini & Wagner (2017), max_{k≠y} z_k − z_y: +1 at the strongest other class, −1 at the true one. */
export const cwMargin: AttackLoss = (logits, oneHot) => tf.sub(strongestClass(hideClass(logits, oneHot)), oneHot);
