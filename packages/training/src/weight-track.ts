// One set of weights through a run, raw or averaged: when it is evaluated, its best epoch and its metrics.
import type { Condition, RawMetricName } from '@reseed/experiment';
import type { LabelledImages } from '@reseed/datasets';
import { type BestSoFar, BestWeights } from './best-weights.ts';
import type { RunData } from './dataset-cache.ts';
import type { ModelEvaluation } from './evaluate-model.ts';
import { isTested, isValidated, runMetrics } from './evaluation-plan.ts';
import type { ModelValues } from './network.ts';

export interface TimedEvaluation extends ModelEvaluation {
  readonly seconds: number;
}

/** A model on the first `count` images, all unless it is given. */
export type Evaluate = (values: ModelValues, images: LabelledImages, count?: number) => Promise<TimedEvaluation>;

export interface EvaluatedEpoch {
  readonly validation: TimedEvaluation | undefined;
  readonly test: TimedEvaluation | undefined;
}

export interface FinishedTrack {
  readonly metrics: Record<RawMetricName, number>;
  /** On the test images. */
  readonly final: TimedEvaluation;
  readonly best: TimedEvaluation;
}

/** What a checkpoint holds of a track. */
export interface TrackState {
  readonly best: BestSoFar | undefined;
  /** By epoch, in their order. */
  readonly tested: readonly (readonly [epoch: number, evaluation: TimedEvaluation])[];
}

export class WeightTrack {
  readonly #best: BestWeights;
  readonly #tested: Map<number, TimedEvaluation>;

  /** @param saved its values are this track's from now on */
  constructor(
    readonly condition: Condition,
    readonly data: RunData,
    readonly evaluate: Evaluate,
    saved?: TrackState,
  ) {
    this.#best = new BestWeights(saved?.best);
    this.#tested = new Map(saved?.tested);
  }

  get bestEpoch(): number {
    return this.#best.epoch;
  }

  get bestValues(): ModelValues {
    return this.#best.values;
  }

  get state(): TrackState {
    return { best: this.#best.best, tested: [...this.#tested] };
  }

  /** Evaluates what the plan asks for after this epoch. */
  async closeEpoch(epoch: number, values: ModelValues): Promise<EvaluatedEpoch> {
    const { condition, data } = this;
    const validation = isValidated(condition, epoch) ? await this.evaluate(values, data.validation) : undefined;
    if (validation !== undefined) this.#best.offer(epoch, validation.robust, values);
    const test = isTested(condition, epoch) ? await this.evaluate(values, data.test) : undefined;
    if (test !== undefined) this.#tested.set(epoch, test);
    return { validation, test };
  }

  /**
   * The metrics of a run that ended with `epoch`. One that was stopped early may not have been validated or tested
   * there yet; its final accuracy is that of its last weights alone, however close to its end it was.
   * @param values those after `epoch`
   */
  async finish(epoch: number, values: ModelValues): Promise<FinishedTrack> {
    const { train, test, validation } = this.data;
    if (!isValidated(this.condition, epoch)) {
      this.#best.offer(epoch, (await this.evaluate(values, validation)).robust, values);
    }
    const final = this.#tested.get(epoch) ?? (await this.evaluate(values, test));
    this.#tested.set(epoch, final);
    const best = this.#tested.get(this.bestEpoch) ?? (await this.evaluate(this.bestValues, test));
    const onTraining = await this.evaluate(values, train, Math.min(train.labels.length, test.labels.length));
    const tests = epoch === this.condition.epochs - 1 ? [...this.#tested.values()] : [final];
    const metrics = runMetrics(tests, best.robust, onTraining.robust);
    return { metrics, final, best };
  }

  dispose(): void {
    this.#best.dispose();
  }
}
