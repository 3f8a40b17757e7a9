// The forward pass: images to logits through the steps of a layer plan.
import * as tf from '@tensorflow/tfjs-core';
import { borderAddedBy, convolve } from './convolve.ts';
import type { Activation, LayerPlan } from './plan-layers.ts';

function multiply(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D, activation: Activation): tf.Tensor2D {
  switch (activation) {
    case 'relu':
      return tf.fused.matMul({ a: x, b: weight, bias, activation }) as tf.Tensor2D;
    case 'linear':
      // Not fused: the gradient of a fused product without activation computes every derivative, also those of weights
      // that an attack does not ask for.
      return tf.add<tf.Tensor2D>(tf.matMul(x, weight), bias);
  }
}

/**
 * @param weights in state_dict order, in our layout
 * @param images n·H·W·C in [0, 1]
 * @returns logits n·classes
 */
export function runLayers(plan: LayerPlan, weights: readonly tf.Tensor[], images: tf.Tensor4D): tf.Tensor2D {
  const border = borderAddedBy(tf.getBackend());
  return tf.tidy(() => {
    let x: tf.Tensor = images;
    for (const step of plan.steps) {
      switch (step.kind) {
        case 'conv': {
          const filter = weights[step.weight] as tf.Tensor4D;
          const bias = weights[step.weight + 1] as tf.Tensor1D;
          const { stride: strides, padding, activation } = step;
          x = convolve({ x: x as tf.Tensor4D, filter, bias, strides, padding, activation }, border);
          break;
        }
        case 'linear': {
          const weight = weights[step.weight] as tf.Tensor2D;
          x = multiply(x as tf.Tensor2D, weight, weights[step.weight + 1] as tf.Tensor1D, step.activation);
          break;
        }
        case 'relu':
          x = tf.relu(x);
          break;
        case 'flatten':
          x = tf.reshape(x, [-1, step.features]);
          break;
      }
    }
    return x as tf.Tensor2D;
  });
}
