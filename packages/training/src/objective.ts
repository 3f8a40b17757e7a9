// What a method minimises over a batch, by its gradient at the weights.
import type { Condition } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import { martLoss, tradesLoss } from './robust-losses.ts';
import { lossGradients, smoothLabels, weightGradients } from './training-loss.ts';

export interface TrainingBatch {
  /** Clean images, and those that the attack made of them; the same where nothing attacks. */
  readonly images: tf.Tensor4D;
  readonly examples: tf.Tensor4D;
  readonly labels: tf.Tensor2D;
}

/** The gradients in the order of `weights`, and the logits of the examples. */
export function objectiveGradients(
  { method, beta, labelSmoothing }: Condition,
  forward: (weights: tf.Tensor[], images: tf.Tensor4D) => tf.Tensor2D,
  weights: tf.Tensor[],
  { images, examples, labels }: TrainingBatch,
): { logits: tf.Tensor2D; gradients: tf.Tensor[] } {
  const targets = smoothLabels(labels, labelSmoothing);
  switch (method) {
    case 'plain':
    case 'fgsm':
    case 'pgd':
    case 'free':
      return weightGradients((w) => forward(w, examples), weights, targets);
    case 'trades':
    case 'mart':
      return lossGradients((w) => {
        const passes = { natural: forward(w, images), adversarial: forward(w, examples) };
        const loss = method === 'trades' ? tradesLoss(passes, targets, beta) : martLoss(passes, labels, beta);
        return { loss, logits: passes.adversarial };
      }, weights);
  }
}
