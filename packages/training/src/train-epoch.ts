// One pass over the training images: augment, attack, descend (Madry et al. 2018, algorithm of §2).
import type { Condition } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import type { AveragedWeights } from './averaged-weights.ts';
import type { BatchBorder } from './batch-border.ts';
import { type BatchFeed, preparedInTurn, timeWaits } from './batch-feed.ts';
import { BatchPasses } from './batch-passes.ts';
import type { BatchLoader } from './batch-recipe.ts';
import { warmupShare } from './epsilon-warmup.ts';
import { EpochTally } from './epoch-tally.ts';
import { DivergedError, InvalidSpecError } from './failure.ts';
import { batchTensors, type ImageBatch } from './image-batch.ts';
import { learningRateAt } from './learning-rate.ts';
import { disposeValues, type ModelValues, unpackStatistics } from './network.ts';
import type { OverfittingGuard } from './overfitting-guard.ts';
import type { BatchSource } from './prepare-batch.ts';
import { type BatchTraining, type StepForce, trainBatch } from './train-batch.ts';

/** What stays the same over all epochs of a run. */
export interface Training extends BatchTraining {
  readonly source: BatchSource;
  readonly loader: BatchLoader;
  /** missing where batches are prepared when their turn comes */
  readonly feed?: BatchFeed;
  /** missing where weights are not averaged */
  readonly average?: AveragedWeights;
  /** missing where nothing guards against catastrophic overfitting */
  readonly guard?: OverfittingGuard;
  readonly border: BatchBorder;
}

export interface EpochOfTraining {
  /** mean over the images of the epoch, at the weights each was trained with */
  readonly loss: number;
  /** where labels are mixed, against the class with the largest share */
  readonly accuracy: number;
  /** in force at the epoch's last step */
  readonly learningRate: number;
  readonly epsilon: number;
  /** without evaluations */
  readonly seconds: number;
  /** of these, how long the next batch was not there yet, or was prepared in its turn */
  readonly waitSeconds: number;
}

/**
 * Trains one epoch. `values` are the caller's no longer: they are disposed of, and the trained ones come back.
 * @throws DivergedError when the loss or a weight is not finite; AbortError at a batch border
 */
export async function trainEpoch(
  training: Training,
  epoch: number,
  values: ModelValues,
): Promise<{ values: ModelValues; metrics: EpochOfTraining }> {
  const { source, guard, border, feed = preparedInTurn(source, training.loader) } = training;
  const tally = new EpochTally();
  const started = performance.now();
  let waited = 0;
  const count = (milliseconds: number) => void (waited += milliseconds);
  let current = values;
  let force: StepForce | undefined;
  try {
    for await (const prepared of timeWaits(feed.epoch(epoch), count)) {
      await border();
      const { batch } = prepared;
      const images = batchTensors(source, prepared);
      if (batch === 0) guard?.hold(images);
      try {
        ({ values: current, force } = trainOn(training, { epoch, batch }, images, current, tally));
      } finally {
        tf.dispose([images.images, images.labels]);
      }
    }
    if (force === undefined) throw new InvalidSpecError('loader.dropLast', true, 'no batch is left to train on');
    const { loss, accuracy, weightSum } = await tally.read(current.weights);
    if (!Number.isFinite(loss)) throw new DivergedError(epoch, 'loss');
    if (!Number.isFinite(weightSum)) throw new DivergedError(epoch, 'weights');
    const { learningRate, epsilon } = force;
    const seconds = (performance.now() - started) / 1000;
    const metrics = { loss, accuracy, learningRate, epsilon, seconds, waitSeconds: waited / 1000 };
    return { values: current, metrics };
  } catch (error) {
    disposeValues(current);
    throw error;
  } finally {
    tally.dispose();
  }
}

/** All steps on one batch: one, or as many as it is replayed. Disposes of `values` unless it throws. */
function trainOn(
  training: Training,
  place: { readonly epoch: number; readonly batch: number },
  images: ImageBatch,
  values: ModelValues,
  tally: EpochTally,
): { values: ModelValues; force: StepForce } {
  const { condition, seed, model, loader, average } = training;
  const { replays, batchNorm: crafting } = condition.attack;
  const buffers = unpackStatistics(model, values);
  const passes = new BatchPasses({ model, seed, place, crafting }, buffers);
  const firstStep = (place.epoch * loader.batchesPerEpoch + place.batch) * replays;
  const totalSteps = loader.batchesPerEpoch * condition.epochs * replays;
  let { weights } = values;
  try {
    let force = forceAt(condition, firstStep, totalSteps);
    for (let replay = 0; replay < replays; replay++) {
      force = forceAt(condition, firstStep + replay, totalSteps);
      const trained = trainBatch(training, passes, place, force, images, weights);
      if (weights !== values.weights) weights.dispose();
      weights = trained.weights;
      average?.update(weights, firstStep + replay);
      tally.add(trained.logits, tf.clone(images.labels));
    }
    const moved = passes.movedStatistics();
    values.weights.dispose();
    if (moved !== undefined) values.statistics?.dispose();
    return { values: { weights, statistics: moved ?? values.statistics }, force };
  } catch (error) {
    if (weights !== values.weights) weights.dispose();
    throw error;
  } finally {
    passes.dispose();
    tf.dispose(buffers);
  }
}

function forceAt({ method, attack, optimizer, schedule, warmup }: Condition, step: number, total: number): StepForce {
  const learningRate = learningRateAt(schedule, optimizer.learningRate, step, total);
  const share = method === 'plain' ? 0 : warmupShare(warmup.epsilonFraction, step, total);
  return { learningRate, epsilon: attack.epsilon * share, stepSize: attack.stepSize * share };
}
