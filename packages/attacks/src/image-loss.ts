// Losses with their value per image and their gradient: cross-entropy, CW margin, and the divergence of TRADES.
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy, cwMargin, type ImageLoss } from './attack-loss.ts';
import { dlrLoss } from './dlr-loss.ts';
import { hideClass, pickLogits } from './ranked-classes.ts';

/** Cross-entropy −Σ_k t_k log softmax(z)_k; soft labels are rows that sum to 1. */
const crossEntropyLoss: ImageLoss = {
  values: (logits, labels) => tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1)),
  gradient: crossEntropy,
};

/** Margin of Carlini & Wagner (2017): max_{k≠y} z_k − z_y. */
const cwMarginLoss: ImageLoss = {
  values: (logits, oneHot) => tf.sub(tf.max(hideClass(logits, oneHot), 1), pickLogits(logits, oneHot)),
  gradient: cwMargin,
};

/** The smallest normal float32: its logarithm is finite. */
const SMALLEST = 2 ** -126;

/**
 * KL(p ‖ softmax(z)) of TRADES (Zhang et al. 2019): `labels` are the probabilities p of the clean images, constants, so
 * the gradient is softmax(z) − p, that of the cross-entropy to p.
 */
export const klDivergence: ImageLoss = {
  values: (logits, clean) => {
    const difference = tf.sub(tf.log(tf.maximum(clean, SMALLEST)), tf.logSoftmax(logits));
    return tf.sum(tf.mul(clean, difference), 1);
  },
  gradient: crossEntropy,
};

/** Losses that an attack is asked for by name; all but `ce` need one true class per image. */
export type LossName = 'ce' | 'cw' | 'dlr';

const LOSSES: Readonly<Record<LossName, ImageLoss>> = { ce: crossEntropyLoss, cw: cwMarginLoss, dlr: dlrLoss };

export const lossNames = Object.keys(LOSSES) as readonly LossName[];

/** The loss of that name. DLR throws TooFewClassesError when it meets fewer than three classes. */
export function getLoss(name: LossName): ImageLoss {
  return LOSSES[name];
}
