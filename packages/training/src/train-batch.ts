// One optimiser step on one batch: attack, gradient of the objective, step.
import type { Condition } from '@reseed/experiment';
import type { Model } from '@reseed/models';
import * as tf from '@tensorflow/tfjs-core';
import { perturbWeights } from './adversarial-weights.ts';
import type { BatchPasses } from './batch-passes.ts';
import { type AttackForce, type BatchPlace, craftExamples } from './craft-examples.ts';
import { type CarriedPerturbation, replayBatch } from './free-replay.ts';
import type { ImageBatch } from './image-batch.ts';
import { objectiveGradients } from './objective.ts';
import type { Optimizer } from './optimizer.ts';
import { smoothLabels } from './training-loss.ts';
import { packWeights, unpackWeights, type WeightShapes } from './weight-vector.ts';

/** What the schedules say about one step. */
export interface StepForce extends AttackForce {
  readonly learningRate: number;
}

export interface BatchTraining {
  readonly condition: Condition;
  readonly seed: number;
  readonly model: Model;
  readonly optimizer: Optimizer;
  /** Of free training; missing for every other method. */
  readonly perturbation?: CarriedPerturbation;
}

export type TrainedBatch = {
  readonly weights: tf.Tensor1D;
  /** Of what was trained on, at the weights before the step. */
  readonly logits: tf.Tensor2D;
};

/** @returns tensors that are the caller's, whose `weights` stay too */
export function trainBatch(
  training: BatchTraining,
  passes: BatchPasses,
  place: BatchPlace,
  force: StepForce,
  batch: ImageBatch,
  weights: tf.Tensor1D,
): TrainedBatch {
  return tf.tidy(() => {
    const shapes = training.model.parameters.map(({ shape }) => shape);
    const { perturbation } = training;
    return perturbation === undefined
      ? stepOnExamples(training, passes, place, force, batch, weights, shapes)
      : stepFreely({ ...training, perturbation }, passes, force, batch, weights, shapes);
  });
}

type GradientsAt = (
  kind: 'learn' | 'probe',
  vector: tf.Tensor1D,
) => { readonly logits: tf.Tensor2D; readonly gradient: tf.Tensor1D };

function stepOnExamples(
  { condition, seed, optimizer }: BatchTraining,
  passes: BatchPasses,
  place: BatchPlace,
  force: StepForce,
  { images, labels }: ImageBatch,
  weights: tf.Tensor1D,
  shapes: WeightShapes,
): TrainedBatch {
  const tensors = unpackWeights(weights, shapes);
  const logitsOf = (x: tf.Tensor4D) => passes.forward('craft', tensors, x);
  const facts = { condition, seed, logitsOf };
  const examples = condition.method === 'plain' ? images : craftExamples(facts, place, force, { images, labels });
  const { gamma } = condition.awp;
  const gradientsAt: GradientsAt = (kind, vector) => {
    const at = vector === weights ? tensors : unpackWeights(vector, shapes);
    const forward = (w: tf.Tensor[], x: tf.Tensor4D) => passes.forward(kind, w, x);
    const { logits, gradients } = objectiveGradients(condition, forward, at, { images, examples, labels });
    return { logits, gradient: packWeights(gradients) };
  };
  const start = gamma === 0 ? weights : perturbWeights(weights, probe(gradientsAt, weights), shapes, gamma);
  const { logits, gradient } = gradientsAt('learn', start);
  const moved = optimizer.update(start, gradient, force.learningRate);
  return { weights: gamma === 0 ? moved : tf.add(moved, tf.sub(weights, start)), logits };
}

/** The gradient at weights that are only looked at; nobody reads the logits. */
function probe(gradientsAt: GradientsAt, weights: tf.Tensor1D): tf.Tensor1D {
  const { logits, gradient } = gradientsAt('probe', weights);
  logits.dispose();
  return gradient;
}

function stepFreely(
  { condition, optimizer, perturbation }: BatchTraining & { readonly perturbation: CarriedPerturbation },
  passes: BatchPasses,
  force: StepForce,
  { images, labels }: ImageBatch,
  weights: tf.Tensor1D,
  shapes: WeightShapes,
): TrainedBatch {
  const forward = (w: tf.Tensor[], x: tf.Tensor4D) => passes.forward('learn', w, x);
  const targets = smoothLabels(labels, condition.labelSmoothing);
  const carried = perturbation.first(images.shape[0]);
  const replay = replayBatch(forward, unpackWeights(weights, shapes), { images, labels: targets }, carried, force);
  perturbation.replaceFirst(replay.perturbation);
  return {
    weights: optimizer.update(weights, packWeights(replay.gradients), force.learningRate),
    logits: replay.logits,
  };
}
