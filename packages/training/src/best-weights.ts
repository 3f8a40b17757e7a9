// The weights of the epoch with the highest validation robust accuracy; on ties the earliest epoch stays.
import * as tf from '@tensorflow/tfjs-core';

export class BestWeights {
  #epoch = -1;
  #validationRobustAccuracy = Number.NEGATIVE_INFINITY;
  #weights: tf.Tensor1D | undefined;

  /** Keeps a copy of `weights` when they beat every earlier offer. */
  offer(epoch: number, validationRobustAccuracy: number, weights: tf.Tensor1D): void {
    if (validationRobustAccuracy <= this.#validationRobustAccuracy) return;
    this.#epoch = epoch;
    this.#validationRobustAccuracy = validationRobustAccuracy;
    this.#weights?.dispose();
    this.#weights = tf.keep(tf.clone(weights));
  }

  /** The best epoch so far, from 0; −1 before the first offer. */
  get epoch(): number {
    return this.#epoch;
  }

  /** @throws TypeError before the first offer */
  get weights(): tf.Tensor1D {
    if (this.#weights === undefined) throw new TypeError('no weights have been offered yet');
    return this.#weights;
  }

  dispose(): void {
    this.#weights?.dispose();
    this.#weights = undefined;
  }
}
