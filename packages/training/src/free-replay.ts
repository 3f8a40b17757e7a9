// Free adversarial training (Shafahi et al. 2019, arXiv:1904.12843): one backward pass moves the weights and the perturbation.
import { crossEntropy, enterLoss } from '@reseed/attacks';
import * as tf from '@tensorflow/tfjs-core';
import type { AttackForce } from './craft-examples.ts';
import type { ImageBatch } from './image-batch.ts';

/** The perturbation that goes from batch to batch, row by row; the last, shorter batch of an epoch moves its first rows. */
export class CarriedPerturbation {
  #rows: tf.Tensor4D;

  /** @param rows as many as the largest batch has images; they are this object's from now on */
  constructor(rows: tf.Tensor4D) {
    this.#rows = tf.keep(rows);
  }

  static zero(shape: readonly [images: number, height: number, width: number, channels: number]): CarriedPerturbation {
    return new CarriedPerturbation(tf.zeros<tf.Rank.R4>([...shape]));
  }

  /** All rows; they live until the next `replaceFirst`. */
  get rows(): tf.Tensor4D {
    return this.#rows;
  }

  /** A new tensor of the first rows; the caller's. */
  first(count: number): tf.Tensor4D {
    return tf.slice(this.#rows, 0, count);
  }

  /** @param rows stay the caller's */
  replaceFirst(rows: tf.Tensor4D): void {
    const kept = this.#rows;
    const [count, all] = [rows.shape[0], kept.shape[0]];
    const next = tf.tidy(() => (count === all ? tf.clone(rows) : tf.concat([rows, tf.slice(kept, count)])));
    this.#rows = tf.keep(next);
    kept.dispose();
  }

  dispose(): void {
    this.#rows.dispose();
  }
}

export interface Replay {
  readonly logits: tf.Tensor2D;
  /** Of the mean cross-entropy at every weight, in the order of `weights`. */
  readonly gradients: tf.Tensor[];
  readonly perturbation: tf.Tensor4D;
}

/**
 * One replay: the gradients at the weights and δ ← clip(δ + stepSize · sign ∂loss/∂δ, −ε, ε) from the same backward pass
 * of clip(x + δ, 0, 1). A pixel that the clip to [0, 1] holds has no gradient and keeps its δ.
 * @param perturbation δ, the shape of the images
 */
export function replayBatch(
  forward: (weights: tf.Tensor[], images: tf.Tensor4D) => tf.Tensor2D,
  weights: tf.Tensor[],
  { images, labels }: ImageBatch,
  perturbation: tf.Tensor4D,
  { epsilon, stepSize }: AttackForce,
): Replay {
  const count = images.shape[0];
  const { value, grads } = tf.valueAndGrads((delta: tf.Tensor, ...w: tf.Tensor[]) => {
    const perturbed = tf.clipByValue(tf.add(images, delta), 0, 1) as tf.Tensor4D;
    return enterLoss(forward(w, perturbed), (z) => tf.div(crossEntropy(z, labels), count));
  })([perturbation, ...weights]);
  const [slope, ...gradients] = grads;
  const moved = tf.add(perturbation, tf.mul(tf.sign(slope), stepSize));
  return {
    logits: value as tf.Tensor2D,
    gradients,
    perturbation: tf.clipByValue(moved, -epsilon, epsilon) as tf.Tensor4D,
  };
}
