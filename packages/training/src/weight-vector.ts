// All weights of a model as one flat vector: an optimiser step is then a dozen kernels, whatever the number of tensors.
import * as tf from '@tensorflow/tfjs-core';

export type WeightShapes = readonly (readonly number[])[];

/** One vector of all values, tensor after tensor. */
export function packWeights(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.tidy(() => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [tensor.size]))));
}

/** The tensors of a vector made by `packWeights` from tensors of these shapes. */
export function unpackWeights(vector: tf.Tensor1D, shapes: WeightShapes): tf.Tensor[] {
  return tf.tidy(() => {
    const sizes = shapes.map((shape) => tf.util.sizeFromShape([...shape]));
    return tf.split(vector, sizes).map((part, i) => tf.reshape(part, [...shapes[i]]));
  });
}
