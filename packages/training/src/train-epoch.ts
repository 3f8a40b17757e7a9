// One pass over the training images: augment, attack, descend (Madry et al. 2018, algorithm of §2).
import type { AugmentationParameters, BatchParameters } from '@reseed/augmentation';
import type { Loader } from '@reseed/dataloader';
import type { Condition } from '@reseed/experiment';
import type { Model } from '@reseed/models';
import * as tf from '@tensorflow/tfjs-core';
import { perturbWeights } from './adversarial-weights.ts';
import type { AveragedWeights } from './averaged-weights.ts';
import type { BatchBorder } from './batch-border.ts';
import { type AttackForce, type BatchPlace, craftExamples } from './craft-examples.ts';
import { warmupShare } from './epsilon-warmup.ts';
import { DivergedError, InvalidSpecError } from './failure.ts';
import { type BatchSource, type ImageBatch, imageBatch } from './image-batch.ts';
import { learningRateAt } from './learning-rate.ts';
import { objectiveGradients } from './objective.ts';
import type { Optimizer } from './optimizer.ts';
import { correctPredictions } from './prediction.ts';
import { meanCrossEntropy } from './training-loss.ts';
import { packWeights, unpackWeights, type WeightShapes } from './weight-vector.ts';

/** What stays the same over all epochs of a run. */
export interface Training {
  readonly condition: Condition;
  readonly seed: number;
  readonly model: Model;
  readonly shapes: WeightShapes;
  readonly source: BatchSource;
  readonly loader: Loader<AugmentationParameters, BatchParameters>;
  readonly optimizer: Optimizer;
  /** missing where weights are not averaged */
  readonly average?: AveragedWeights;
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
 * Trains one epoch. `weights` are the caller's no longer: they are disposed of, and the trained ones come back.
 * @throws DivergedError when the loss or a weight is not finite; AbortError at a batch border
 */
export async function trainEpoch(
  training: Training,
  epoch: number,
  weights: tf.Tensor1D,
): Promise<{ weights: tf.Tensor1D; metrics: EpochOfTraining }> {
  const { condition, loader, source, average, border } = training;
  const totalSteps = loader.batchesPerEpoch * condition.epochs;
  const seen: Seen = { logits: [], labels: [] };
  let current = weights;
  let force: StepForce | undefined;
  try {
    for (const drawn of loader.epoch(epoch)) {
      const { batch } = drawn;
      await border();
      const step = epoch * loader.batchesPerEpoch + batch;
      force = forceAt(condition, step, totalSteps);
      const { images, labels } = imageBatch(source, drawn);
      seen.labels.push(labels);
      try {
        const trained = trainBatch(training, { epoch, batch }, force, { images, labels }, current);
        current.dispose();
        current = trained.weights;
        average?.update(current, step);
        seen.logits.push(trained.logits);
      } finally {
        images.dispose();
      }
    }
    if (force === undefined) throw new InvalidSpecError('loader.dropLast', true, 'no batch is left to train on');
    const { loss, accuracy } = await measure(epoch, seen, current);
    return { weights: current, metrics: { loss, accuracy, learningRate: force.learningRate, epsilon: force.epsilon } };
  } catch (error) {
    current.dispose();
    throw error;
  } finally {
    tf.dispose([...seen.logits, ...seen.labels]);
  }
}

/** Logits of the batches as they were trained on, and their labels, in the order of the batches. */
interface Seen {
  readonly logits: tf.Tensor2D[];
  readonly labels: tf.Tensor2D[];
}

/** What the schedules say about one step. */
interface StepForce extends AttackForce {
  readonly learningRate: number;
}

function forceAt({ method, attack, optimizer, schedule, warmup }: Condition, step: number, total: number): StepForce {
  const learningRate = learningRateAt(schedule, optimizer.learningRate, step, total);
  const share = method === 'plain' ? 0 : warmupShare(warmup.epsilonFraction, step, total);
  return { learningRate, epsilon: attack.epsilon * share, stepSize: attack.stepSize * share };
}

/** One optimiser step; the results are the caller's. */
function trainBatch(
  { condition, seed, model, shapes, source, optimizer }: Training,
  place: BatchPlace,
  force: StepForce,
  { images, labels }: ImageBatch,
  weights: tf.Tensor1D,
): { weights: tf.Tensor1D; logits: tf.Tensor2D } {
  return tf.tidy(() => {
    const tensors = unpackWeights(weights, shapes);
    const logitsOf = (x: tf.Tensor4D) => model.forward(tensors, x);
    const facts = { condition, seed, imageShape: source.imageShape, logitsOf };
    const examples = condition.method === 'plain' ? images : craftExamples(facts, place, force, { images, labels });
    const batch = { images, examples, labels };
    const gradientsAt = (vector: tf.Tensor1D) => {
      const at = vector === weights ? tensors : unpackWeights(vector, shapes);
      const { logits, gradients } = objectiveGradients(condition, (w, x) => model.forward(w, x), at, batch);
      return { logits, gradient: packWeights(gradients) };
    };
    const { gamma } = condition.awp;
    const start = gamma === 0 ? weights : worseWeights(weights, gradientsAt(weights), shapes, gamma);
    const { logits, gradient } = gradientsAt(start);
    const moved = optimizer.update(start, gradient, force.learningRate);
    return { weights: gamma === 0 ? moved : tf.add(moved, tf.sub(weights, start)), logits };
  });
}

/** Weights from which an adversarially perturbed step sets out; frees the logits, which nobody reads. */
function worseWeights(
  weights: tf.Tensor1D,
  { logits, gradient }: { readonly logits: tf.Tensor2D; readonly gradient: tf.Tensor1D },
  shapes: WeightShapes,
  gamma: number,
): tf.Tensor1D {
  logits.dispose();
  return perturbWeights(weights, gradient, shapes, gamma);
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
