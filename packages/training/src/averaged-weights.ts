// Model weight averaging: an exponential mean over optimiser steps, for evaluation only (Rebuffi et al. 2021; TF's ema).
import type { Condition } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';

export type AveragingSettings = Condition['averaging'];

/**
 * avg ← d·avg + (1 − d)·weights with d = min(decay, (1 + s − s₀)/(10 + s − s₀)) from step s₀ on, d = 0 before; so the first
 * steps of the average are not held back by the initial weights.
 */
export class AveragedWeights {
  readonly #decay: number;
  readonly #start: number;
  #average: tf.Tensor1D;

  /** @param initial the first weights, or the average of a run that goes on; stays the caller's */
  constructor({ decay, startFraction }: AveragingSettings, totalSteps: number, initial: tf.Tensor1D) {
    this.#decay = decay;
    this.#start = Math.round(startFraction * totalSteps);
    this.#average = tf.keep(tf.clone(initial));
  }

  /** The average so far; it lives until the next update. */
  get weights(): tf.Tensor1D {
    return this.#average;
  }

  /** @param step of the optimiser, from 0, that gave `weights` */
  update(weights: tf.Tensor1D, step: number): void {
    const since = step - this.#start;
    const decay = since < 0 ? 0 : Math.min(this.#decay, (1 + since) / (10 + since));
    const next = tf.tidy(() => tf.add(tf.mul(this.#average, decay), tf.mul(weights, 1 - decay)));
    this.#average.dispose();
    this.#average = tf.keep(next as tf.Tensor1D);
  }

  /** Puts the average back to an earlier one, which stays the caller's. */
  restore(average: tf.Tensor1D): void {
    const next = tf.keep(tf.clone(average));
    this.#average.dispose();
    this.#average = next;
  }

  dispose(): void {
    this.#average.dispose();
  }
}
