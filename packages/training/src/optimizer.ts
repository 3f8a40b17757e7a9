// What every optimiser does. All weights of a model travel as one flat vector (see weight-vector.ts).
import type { Condition } from '@reseed/experiment';
import type * as tf from '@tensorflow/tfjs-core';

export type OptimizerSettings = Condition['optimizer'];

export interface Optimizer {
  /** The weights after one step down `gradient`; both are flat vectors that stay the caller's, the result is the caller's too. */
  update(weights: tf.Tensor1D, gradient: tf.Tensor1D, learningRate: number): tf.Tensor1D;
  /** Frees the moments. */
  dispose(): void;
}
