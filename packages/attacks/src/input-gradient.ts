// The gradient of an attack's loss at the pixels; weights are constants, so no gradient of theirs is computed.
import * as tf from '@tensorflow/tfjs-core';
import type { AttackLoss } from './attack-loss.ts';

/** The model as a function of its input: images [n, height, width, channels] to logits [n, classes]. */
export type Logits = (images: tf.Tensor4D) => tf.Tensor2D;

/**
 * The logits themselves, whose backward pass starts from `gradientAt(logits)` instead of from the incoming gradient:
 * how a loss enters a graph when only its gradient is wanted and never its value.
 */
export function enterLoss(logits: tf.Tensor2D, gradientAt: (logits: tf.Tensor2D) => tf.Tensor2D): tf.Tensor2D {
  const enter = tf.customGrad((z, save) => {
    (save as tf.GradSaveFunc)([z as tf.Tensor]);
    return {
      value: tf.clone(z as tf.Tensor),
      gradFunc: (_: tf.Tensor, saved: tf.Tensor[]) => gradientAt(saved[0] as tf.Tensor2D),
    };
  });
  return enter(logits) as tf.Tensor2D;
}

/** ∂ loss(logits(x), y) / ∂x at `images`, summed over images; same shape as `images`. */
export function inputGradient(logits: Logits, loss: AttackLoss, images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor4D {
  const lossOf = (x: tf.Tensor) => enterLoss(logits(x as tf.Tensor4D), (z) => loss(z, oneHot));
  return tf.grad(lossOf)(images) as tf.Tensor4D;
}

/** The logits at `images` and, from the same forward pass, what `inputGradient` gives. The caller owns both. */
export function logitsAndGradient(
  logits: Logits,
  loss: AttackLoss,
  images: tf.Tensor4D,
  oneHot: tf.Tensor2D,
): { logits: tf.Tensor2D; gradient: tf.Tensor4D } {
  const lossOf = (x: tf.Tensor) => enterLoss(logits(x as tf.Tensor4D), (z) => loss(z, oneHot));
  const { value, grad } = tf.valueAndGrad(lossOf)(images);
  return { logits: value as tf.Tensor2D, gradient: grad as tf.Tensor4D };
}
