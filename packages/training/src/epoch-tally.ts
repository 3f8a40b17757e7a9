// Loss and accuracy over the images of an epoch, at the weights that each was trained with.
import * as tf from '@tensorflow/tfjs-core';
import { correctPredictions } from './prediction.ts';
import { meanCrossEntropy } from './training-loss.ts';

/**
 * Batches whose logits are kept before they are summed up: the loss of one alone would cost a dozen kernels a step, and those
 * of a whole epoch grow with the dataset.
 */
const KEPT_BATCHES = 50;

export class EpochTally {
  readonly #logits: tf.Tensor2D[] = [];
  readonly #labels: tf.Tensor2D[] = [];
  /** summed loss, images predicted right */
  #sums: tf.Tensor1D | undefined;
  #images = 0;

  /** @param logits of a batch as it was trained on; the tally disposes of both tensors */
  add(logits: tf.Tensor2D, labels: tf.Tensor2D): void {
    this.#logits.push(logits);
    this.#labels.push(labels);
    this.#images += labels.shape[0];
    if (this.#logits.length === KEPT_BATCHES) this.#fold();
  }

  #fold(): void {
    const before = this.#sums;
    this.#sums = tf.tidy(() => {
      const logits = tf.concat(this.#logits);
      const labels = tf.concat(this.#labels);
      const right = tf.sum(tf.cast(correctPredictions(logits, labels), 'float32'));
      const folded = tf.stack([tf.mul(meanCrossEntropy(logits, labels), labels.shape[0]), right]) as tf.Tensor1D;
      return before === undefined ? folded : tf.add(before, folded);
    });
    before?.dispose();
    this.#release();
  }

  #release(): void {
    tf.dispose([...this.#logits.splice(0), ...this.#labels.splice(0)]);
  }

  /** Means over all images so far, and Σ|w| of `weights`: the one time in an epoch that the device is waited for. */
  async read(weights: tf.Tensor1D): Promise<{ loss: number; accuracy: number; weightSum: number }> {
    if (this.#logits.length > 0) this.#fold();
    const sums = this.#sums;
    if (sums === undefined) throw new RangeError('no batch was added');
    const measured = tf.tidy(() => tf.concat([sums, tf.reshape(tf.sum(tf.abs(weights)), [1])]));
    const [loss, right, weightSum] = await measured.data();
    measured.dispose();
    return { loss: loss / this.#images, accuracy: right / this.#images, weightSum };
  }

  dispose(): void {
    this.#release();
    this.#sums?.dispose();
    this.#sums = undefined;
  }
}
