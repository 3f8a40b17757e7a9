// One pass over the training images: augment, attack, descend (Madry et al. 2018, algorithm of §2).
import type { AugmentationParameters, BatchParameters } from '@reseed/augmentation';
import type { Loader } from '@reseed/dataloader';
import type { Condition } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import type { AveragedWeights } from './averaged-weights.ts';
import type { BatchBorder } from './batch-border.ts';
import { BatchPasses } from './batch-passes.ts';
import { warmupShare } from './epsilon-warmup.ts';
import { DivergedError, InvalidSpecError } from './failure.ts';
import { type BatchSource, type ImageBatch, imageBatch } from './image-batch.ts';
import { learningRateAt } from './learning-rate.ts';
import { disposeValues, type ModelValues, unpackStatistics } from './network.ts';
import type { OverfittingGuard } from './overfitting-guard.ts';
import { correctPredictions } from './prediction.ts';
import { type BatchTraining, type StepForce, trainBatch } from './train-batch.ts';
import { meanCrossEntropy } from './training-loss.ts';

/** What stays the same over all epochs of a run. */
export interface Training extends BatchTraining {
  readonly source: BatchSource;
  readonly loader: Loader<AugmentationParameters, BatchParameters>;
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
  const { loader, source, guard, border } = training;
  const seen: Seen = { logits: [], labels: [] };
  let current = values;
  let force: StepForce | undefined;
  try {
    for (const drawn of loader.epoch(epoch)) {
      await border();
      const images = imageBatch(source, drawn);
      if (drawn.batch === 0) guard?.hold(images);
      try {
        ({ values: current, force } = trainOn(training, { epoch, batch: drawn.batch }, images, current, seen));
      } finally {
        tf.dispose([images.images, images.labels]);
      }
    }
    if (force === undefined) throw new InvalidSpecError('loader.dropLast', true, 'no batch is left to train on');
    const { loss, accuracy } = await measure(epoch, seen, current.weights);
    const { learningRate, epsilon } = force;
    return { values: current, metrics: { loss, accuracy, learningRate, epsilon } };
  } catch (error) {
    disposeValues(current);
    throw error;
  } finally {
    tf.dispose([...seen.logits, ...seen.labels]);
  }
}

/** Logits of the batches as they were trained on, and their labels, in the order of the steps. */
interface Seen {
  readonly logits: tf.Tensor2D[];
  readonly labels: tf.Tensor2D[];
}

/** All steps on one batch: one, or as many as it is replayed. Disposes of `values` unless it throws. */
function trainOn(
  training: Training,
  place: { readonly epoch: number; readonly batch: number },
  images: ImageBatch,
  values: ModelValues,
  seen: Seen,
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
      seen.logits.push(trained.logits);
      seen.labels.push(tf.clone(images.labels));
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

/** Reads the device once per epoch. */
async function measure(epoch: number, seen: Seen, weights: tf.Tensor1D): Promise<{ loss: number; accuracy: number }> {
  const measured = tf.tidy(() => {
    const logits = tf.concat(seen.logits);
    const labels = tf.concat(seen.labels);
    const accuracy = tf.mean(tf.cast(correctPredictions(logits, labels), 'float32'));
    return tf.stack([meanCrossEntropy(logits, labels), accuracy, tf.sum(tf.abs(weights))]);
  });
  const [loss, accuracy, weightSum] = await measured.data();
  measured.dispose();
  if (!Number.isFinite(loss)) throw new DivergedError(epoch, 'loss');
  if (!Number.isFinite(weightSum)) throw new DivergedError(epoch, 'weights');
  return { loss, accuracy };
}
