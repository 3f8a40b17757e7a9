// Mean cross-entropy, the loss that moves the weights: its gradient for every step, its value once per epoch.
import { crossEntropy, enterLoss } from '@reseed/attacks';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Mean over images of −log softmax(z)_y, as `torch.nn.functional.cross_entropy`.
 * @param logits [images, classes]
 * @param oneHot true classes, [images, classes]
 */
export function meanCrossEntropy(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot), 1))));
}

/**
 * The gradient of any loss at every weight, in the order of `weights`, and the logits that it was computed from.
 * Slower than `weightGradients`, which never computes the loss.
 */
export function lossGradients(
  lossOf: (weights: tf.Tensor[]) => { readonly loss: tf.Scalar; readonly logits: tf.Tensor2D },
  weights: tf.Tensor[],
): { logits: tf.Tensor2D; gradients: tf.Tensor[] } {
  const seen: tf.Tensor2D[] = [];
  const { value, grads } = tf.valueAndGrads((...w: tf.Tensor[]) => {
    const { loss, logits } = lossOf(w);
    // What a loss is made of is freed with the tape.
    seen.push(tf.keep(tf.clone(logits)));
    return loss;
  })(weights);
  value.dispose();
  return { logits: seen[0], gradients: grads };
}

/** (1 − share)·label + share/classes, as `torch.nn.CrossEntropyLoss(label_smoothing=share)`. @param labels [images, classes] */
export function smoothLabels(labels: tf.Tensor2D, share: number): tf.Tensor2D {
  if (share === 0) return labels;
  return tf.tidy(() => tf.add(tf.mul(labels, 1 - share), share / labels.shape[1]));
}

/**
 * The logits of a batch and the gradient of its mean cross-entropy at every weight, in the order of `weights`.
 * The value of the loss is left out on purpose: it would cost five kernels a step and is read once per epoch.
 */
export function weightGradients(
  logits: (weights: tf.Tensor[]) => tf.Tensor2D,
  weights: tf.Tensor[],
  oneHot: tf.Tensor2D,
): { logits: tf.Tensor2D; gradients: tf.Tensor[] } {
  const images = oneHot.shape[0];
  const { value, grads } = tf.valueAndGrads((...w: tf.Tensor[]) =>
    enterLoss(logits(w), (z) => tf.div(crossEntropy(z, oneHot), images)),
  )(weights);
  return { logits: value as tf.Tensor2D, gradients: grads };
}
