// What an attack is given and what it must do: the parts of which the evaluation (Croce & Hein 2020) is composed.
import { SeedOutOfRangeError } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from './ball.ts';
import { AttackParameterError } from './errors.ts';
import type { Logits } from './input-gradient.ts';

export interface Threat {
  readonly norm: Norm;
  /** radius of the ball, pixel value 0…1 */
  readonly epsilon: number;
  /** the run's seed S; every image's random numbers follow from it and the image's position */
  readonly seed: number;
}

/** Awaited between batches and iterations: gives other work a turn, or throws to stop the attack. */
export type Border = () => Promise<void>;

/** Images under one attack; the attack frees none of it. */
export interface AttackBatch {
  readonly logits: Logits;
  readonly classes: number;
  /** [n, height, width, channels], pixels in [0, 1] */
  readonly images: tf.Tensor4D;
  /** true class of every image */
  readonly labels: Int32Array;
  /** place of every image in its dataset: names its streams */
  readonly positions: Int32Array;
  readonly threat: Threat;
  readonly border: Border;
}

/** One try of an attack at an image. */
export interface Round {
  /** 0: untargeted; k: towards the k-th strongest wrong class of the clean image */
  readonly target: number;
  readonly restart: number;
}

export type AttackName = 'fgsm' | 'pgd' | 'apgd-ce' | 'apgd-dlr' | 'apgd-t' | 'fab-t' | 'square' | 'autoattack';

/** An attack with its parameters: tries one round after the other on the images that are still classified correctly. */
export interface Stage {
  readonly name: AttackName | 'transfer';
  /** @throws TooFewClassesError where the attack's loss needs more */
  readonly rounds: (classes: number) => readonly Round[];
  /**
   * One candidate per image, shape of `batch.images`, the caller's to free. The caller judges whether it lies in the
   * ball and is misclassified. Rejects with whatever `border` rejects with, leaving nothing allocated.
   */
  readonly craft: (batch: AttackBatch, round: Round) => Promise<tf.Tensor4D>;
}

/** Untargeted rounds. */
export function restartRounds(restarts: number): Round[] {
  return Array.from({ length: restarts }, (_, restart) => ({ target: 0, restart }));
}

/** Every restart towards the strongest wrong class, then towards the next one, up to `targets` of them. */
export function targetRounds(targets: number, restarts: number, classes: number): Round[] {
  const count = Math.min(targets, classes - 1);
  return Array.from({ length: count * restarts }, (_, i) => ({
    target: 1 + Math.floor(i / restarts),
    restart: i % restarts,
  }));
}

/** @throws AttackParameterError, SeedOutOfRangeError */
export function checkThreat({ epsilon, seed }: Threat): void {
  if (!(epsilon >= 0 && Number.isFinite(epsilon)))
    throw new AttackParameterError('threat', 'epsilon', epsilon, 'at least 0');
  if (seed >>> 0 !== seed) throw new SeedOutOfRangeError('seed', seed, 0xffffffff);
}

/** Class ids as one-hot float rows [n, classes]. */
export function oneHotRows(labels: Int32Array, classes: number): tf.Tensor2D {
  return tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32') as tf.Tensor2D);
}

/** The images at these rows, in this order; the caller's to free. */
export function gatherRows(images: tf.Tensor4D, rows: Int32Array): tf.Tensor4D {
  return tf.tidy(() => tf.gather(images, tf.tensor1d(rows, 'int32')));
}

/** The class of the largest logit of every image. */
export async function predictClasses(logits: Logits, images: tf.Tensor4D): Promise<Int32Array> {
  const classes = tf.tidy(() => tf.argMax<tf.Tensor1D>(logits(images), 1));
  try {
    return Int32Array.from(await classes.data());
  } finally {
    classes.dispose();
  }
}

/** Reads a tensor and frees it. */
export async function takeValues(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data()) as Float32Array;
  } finally {
    tensor.dispose();
  }
}

/** Per image, the `target`-th strongest class other than the true one, by the logits of the images as they are. */
export async function targetClasses(batch: AttackBatch, target: number): Promise<Int32Array> {
  const { logits, images, labels, classes } = batch;
  const values = await takeValues(tf.tidy(() => logits(images)));
  return labels.map((label, image) => {
    const row = values.subarray(image * classes, (image + 1) * classes);
    const others = Array.from(row.keys()).filter((k) => k !== label);
    return others.sort((a, b) => row[b] - row[a])[target - 1];
  });
}
