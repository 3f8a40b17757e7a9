// Adversarial weight perturbation (Wu et al. 2020, arXiv:2004.05884): the gradient is taken at weights made worse on purpose.
import * as tf from '@tensorflow/tfjs-core';
import { packWeights, unpackWeights, type WeightShapes } from './weight-vector.ts';

/** Keeps a tensor without a direction from dividing by zero, as in the authors' code. */
const TINY = 1e-20;

/**
 * weights + γ · (‖w‖/‖g‖) · g for each tensor w of more than one dimension, with its gradient g of the loss; others stay.
 * The authors take g from a step of a copy of the model, whose length this quotient cancels.
 * @param weights flat vector; so are `gradient` and the result, which is the caller's
 */
export function perturbWeights(
  weights: tf.Tensor1D,
  gradient: tf.Tensor1D,
  shapes: WeightShapes,
  gamma: number,
): tf.Tensor1D {
  return tf.tidy(() => {
    const directions = unpackWeights(gradient, shapes);
    const perturbed = unpackWeights(weights, shapes).map((tensor, i) => {
      if (tensor.rank < 2) return tensor;
      const direction = directions[i];
      const scale = tf.div(tf.norm(tensor), tf.add(tf.norm(direction), TINY));
      return tf.add(tensor, tf.mul(direction, tf.mul(scale, gamma)));
    });
    return packWeights(perturbed);
  });
}
