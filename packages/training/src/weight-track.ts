// One set of weights through a run, raw or averaged: when it is evaluated, its best epoch and its metrics.
import type { Condition, RawMetricName } from '@reseed/experiment';
import type { LabelledImages } from '@reseed/datasets';
import type * as tf from '@tensorflow/tfjs-core';
import { BestWeights } from './best-weights.ts';
import type { RunData } from './dataset-cache.ts';
import type { Accuracy } from './evaluate-model.ts';
import { isTested, isValidated, runMetrics } from './evaluation-plan.ts';

/** Accuracy of weights on the first `count` images, all unless it is given. */
export type Evaluate = (weights: tf.Tensor1D, images: LabelledImages, count?: number) => Promise<Accuracy>;

export interface EvaluatedEpoch {
  readonly validation: Accuracy | undefined;
  readonly test: Accuracy | undefined;
}

export class WeightTrack {
  readonly #best = new BestWeights();
  readonly #tested = new Map<number, Accuracy>();

  constructor(
    readonly condition: Condition,
    readonly data: RunData,
    readonly evaluate: Evaluate,
  ) {}

  get bestEpoch(): number {
    return this.#best.epoch;
  }

  get bestWeights(): tf.Tensor1D {
    return this.#best.weights;
  }

  /** Evaluates what the plan asks for after this epoch. */
  async closeEpoch(epoch: number, weights: tf.Tensor1D): Promise<EvaluatedEpoch> {
    const { condition, data } = this;
    const validation = isValidated(condition, epoch) ? await this.evaluate(weights, data.validation) : undefined;
    if (validation !== undefined) this.#best.offer(epoch, validation.robust, weights);
    const test = isTested(condition, epoch) ? await this.evaluate(weights, data.test) : undefined;
    if (test !== undefined) this.#tested.set(epoch, test);
    return { validation, test };
  }

  /** @param weights those after the last epoch */
  async finish(weights: tf.Tensor1D): Promise<Record<RawMetricName, number>> {
    const { train, test } = this.data;
    const best = this.#tested.get(this.bestEpoch) ?? (await this.evaluate(this.#best.weights, test));
    const onTraining = await this.evaluate(weights, train, Math.min(train.labels.length, test.labels.length));
    return runMetrics([...this.#tested.values()], best.robust, onTraining.robust);
  }

  dispose(): void {
    this.#best.dispose();
  }
}
