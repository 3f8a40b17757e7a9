// What every optimiser does. All weights of a model travel as one flat vector (see weight-vector.ts).
import type { Condition } from '@reseed/experiment';
import type * as tf from '@tensorflow/tfjs-core';

export type OptimizerSettings = Condition['optimizer'];

/** What an optimiser remembers between steps; a new one has made none and has no moments. */
export interface OptimizerState {
  readonly steps: number;
  /** Flat vectors like the weights. */
  readonly moments: readonly tf.Tensor1D[];
}

export interface Optimizer {
  /** The weights after one step down `gradient`; both are flat vectors that stay the caller's, the result is the caller's too. */
  update(weights: tf.Tensor1D, gradient: tf.Tensor1D, learningRate: number): tf.Tensor1D;
  /** The moments live until the next update. */
  readonly state: OptimizerState;
  /** Frees the moments. */
  dispose(): void;
}
