// The guard against catastrophic overfitting of FGSM training (Wong, Rice & Kolter 2020): PGD-5 on one training batch an epoch.
import { craft, type Logits } from '@reseed/attacks';
import type { Condition } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import { ATTACK_NORMS } from './attack-norm.ts';
import { startInBall } from './craft-examples.ts';
import type { ImageBatch } from './image-batch.ts';
import { correctPredictions } from './prediction.ts';

const STEPS = 5;
/** Of epsilon; the authors' 2/255 of 8/255. */
const STEP_SHARE = 0.25;
/** Keeps its random start apart from those of training, whose replays count from 0. */
const REPLAY = 0xffffffff;

export class OverfittingGuard {
  readonly #condition: Condition;
  readonly #seed: number;
  #batch: ImageBatch | undefined;
  #accuracy: number | undefined;

  /** @param accuracy the last one measured, of a run that goes on from a checkpoint */
  constructor(condition: Condition, seed: number, accuracy: number | undefined) {
    this.#condition = condition;
    this.#seed = seed;
    this.#accuracy = accuracy;
  }

  /** PGD-5 accuracy after the last epoch that was checked; undefined before the first. */
  get accuracy(): number | undefined {
    return this.#accuracy;
  }

  /** Keeps copies of the images that the epoch is judged on, augmented as they were trained on: its first batch. */
  hold({ images, labels }: ImageBatch): void {
    this.#release();
    this.#batch = { images: tf.keep(tf.clone(images)), labels: tf.keep(tf.clone(labels)) };
  }

  /**
   * Whether the accuracy under PGD-5 at full epsilon fell by more than the condition allows since the epoch before.
   * @param logits the model as it is evaluated, after the epoch
   */
  async overfits(epoch: number, logits: Logits): Promise<boolean> {
    const batch = this.#batch;
    if (batch === undefined) return false;
    const correct = tf.tidy(() => correctPredictions(logits(this.#attack(epoch, logits, batch)), batch.labels));
    const values = await correct.data();
    correct.dispose();
    this.#release();
    const accuracy = values.filter((value) => value === 1).length / values.length;
    const before = this.#accuracy;
    this.#accuracy = accuracy;
    return before !== undefined && before - accuracy > this.#condition.stopping.overfittingDrop;
  }

  #attack(epoch: number, logits: Logits, { images, labels }: ImageBatch): tf.Tensor4D {
    const { norm, epsilon } = this.#condition.attack;
    const start = startInBall({ norm, epsilon }, this.#seed, { epoch, batch: 0, replay: REPLAY }, images);
    const threat = { norm: ATTACK_NORMS[norm], epsilon, stepSize: STEP_SHARE * epsilon, steps: STEPS };
    return craft({ logits, images, oneHot: labels, ...threat, start });
  }

  #release(): void {
    tf.dispose([this.#batch?.images, this.#batch?.labels].filter((tensor) => tensor !== undefined));
    this.#batch = undefined;
  }

  dispose(): void {
    this.#release();
  }
}
