// Losses of two forward passes, of the clean and of the adversarial images: TRADES and MART, as their authors' code has them.
import * as tf from '@tensorflow/tfjs-core';
import { meanCrossEntropy } from './training-loss.ts';

export interface TwoPasses {
  /** Logits [n, classes] of the clean images. */
  readonly natural: tf.Tensor2D;
  /** Logits [n, classes] of the adversarial ones. */
  readonly adversarial: tf.Tensor2D;
}

/** Σ_k p_k (log p_k − log q_k) per image; both are logarithms of probabilities, [n, classes]. */
function divergence(logP: tf.Tensor2D, logQ: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(tf.mul(tf.exp(logP), tf.sub(logP, logQ)), 1);
}

/**
 * TRADES (Zhang et al. 2019, arXiv:1901.08573): CE(natural) + β · mean KL(natural ‖ adversarial).
 * @param labels [n, classes], rows that sum to 1
 */
export function tradesLoss({ natural, adversarial }: TwoPasses, labels: tf.Tensor2D, beta: number): tf.Scalar {
  return tf.tidy(() => {
    const robust = tf.mean(divergence(tf.logSoftmax(natural), tf.logSoftmax(adversarial)));
    return tf.add(meanCrossEntropy(natural, labels), tf.mul(robust, beta));
  });
}

/** Added to probabilities before their logarithm in the authors' code. */
const TINY = 1e-12;

/**
 * MART (Wang et al. 2020): boosted cross-entropy of the adversarial images, which also pushes the strongest wrong class
 * down, + β · mean KL(natural ‖ adversarial) · (1 − p_natural(y)): images that are misclassified count more.
 * @param oneHot true classes, [n, classes]; soft labels have no strongest wrong class
 */
export function martLoss({ natural, adversarial }: TwoPasses, oneHot: tf.Tensor2D, beta: number): tf.Scalar {
  return tf.tidy(() => {
    const attacked = tf.softmax(adversarial);
    const others = tf.sub(attacked, tf.mul(oneHot, 2));
    const classes = oneHot.shape[1];
    const wrong = tf.cast(tf.oneHot(tf.argMax<tf.Tensor1D>(others, 1), classes), 'float32');
    const margin = tf.neg(tf.mean(tf.sum(tf.mul(tf.log(tf.add(tf.sub(1.0001, attacked), TINY)), wrong), 1)));
    const boosted = tf.add(meanCrossEntropy(adversarial, oneHot), margin);
    const logNatural = tf.logSoftmax(natural);
    const trueShare = tf.sum(tf.mul(tf.exp(logNatural), oneHot), 1);
    const distances = divergence(logNatural, tf.log(tf.add(attacked, TINY)) as tf.Tensor2D);
    const weighted = tf.mean(tf.mul(distances, tf.sub(1.0000001, trueShare)));
    return tf.add(boosted, tf.mul(weighted, beta));
  });
}
