// One run from its spec to its result: audit, epochs with their evaluations, then the metrics of the final and the best weights.
import { compileAugmentation } from '@reseed/augmentation';
import { type Audit, auditRun, createLoader } from '@reseed/dataloader';
import type { BackendDescription, Condition, EpochMetrics, RunResult, RunSpec } from '@reseed/experiment';
import { encodeSafetensors, getModel, type Model, weightHash } from '@reseed/models';
import * as tf from '@tensorflow/tfjs-core';
import { AveragedWeights } from './averaged-weights.ts';
import { createBatchBorder } from './batch-border.ts';
import { createOptimizer } from './create-optimizer.ts';
import type { RunData } from './dataset-cache.ts';
import { evaluateModel } from './evaluate-model.ts';
import { joinMetrics } from './evaluation-plan.ts';
import { type EpochOfTraining, trainEpoch } from './train-epoch.ts';
import { type EvaluatedEpoch, type Evaluate, WeightTrack } from './weight-track.ts';
import type { RunCheckpoints } from './run-checkpoints.ts';
import { packWeights, unpackWeights } from './weight-vector.ts';

export interface TrainingEvents {
  /** once, before the first batch: what the draws of the whole run repeat */
  audit(audit: Audit): void;
  /** after every epoch, its evaluations included */
  epoch(metrics: EpochMetrics): void;
  /** once, at the end */
  weights?(trained: TrainedWeights): void;
}

/** As safetensors files, with PyTorch's names and layouts; averaged ones where weights are averaged. */
export type TrainedWeights = Readonly<Record<'final' | 'best', Uint8Array>> &
  Readonly<Partial<Record<'finalWa' | 'bestWa', Uint8Array>>>;

export interface RunInput {
  readonly spec: RunSpec;
  readonly data: RunData;
  readonly backend: BackendDescription;
  readonly events: TrainingEvents;
  readonly signal: AbortSignal | undefined;
  readonly checkpoints: RunCheckpoints | undefined;
}

/** Everything allocated for the run is freed, however it ends. @throws DivergedError, AbortError */
export async function trainRun({ spec, data, backend, events, signal }: RunInput): Promise<RunResult> {
  const started = performance.now();
  const { condition, seed } = spec;
  const { epochs, batchSize, loader: loaderSpec, seedingMode } = condition;
  const { imageShape, classes } = data;
  const model = getModel(condition.model, { imageShape, classes });
  const augmentation = compileAugmentation(condition.augmentation, data.imageShape, {
    classes: data.classes,
    sampleCount: data.train.labels.length,
  });
  const draws = {
    sampleCount: data.train.labels.length,
    batchSize,
    loader: loaderSpec,
    seedingMode,
    draws: augmentation,
  };
  events.audit(auditRun({ seed, epochs, ...draws }));

  const loader = createLoader({ seed, ...draws });
  const shapes = model.parameters.map((parameter) => parameter.shape);
  const source = { source: data.train, imageShape: data.imageShape, classes: data.classes, augmentation };
  const border = createBatchBorder(signal);
  const optimizer = createOptimizer(condition.optimizer, model.parameterCount);
  let passes = 0;
  let weights = initialWeights(model, seed);

  const evaluate: Evaluate = async (vector, images, count = images.labels.length) => {
    passes += count * condition.evaluation.steps * condition.evaluation.restarts;
    const tensors = unpackWeights(vector, shapes);
    try {
      const logits = (x: tf.Tensor4D) => model.forward(tensors, x);
      const settings = condition.evaluation;
      return await evaluateModel({ logits, source: images, facts: data, count, settings, seed, border });
    } finally {
      tf.dispose(tensors);
    }
  };
  const totalSteps = epochs * loader.batchesPerEpoch;
  const averages = condition.averaging.decay > 0;
  const average = averages ? new AveragedWeights(condition.averaging, totalSteps, weights) : undefined;
  const raw = new WeightTrack(condition, data, evaluate);
  const averaged = averages ? new WeightTrack(condition, data, evaluate) : undefined;

  try {
    const training = { condition, seed, model, shapes, source, loader, optimizer, border };
    const averaging = average === undefined ? {} : { average };
    for (let epoch = 0; epoch < epochs; epoch++) {
      const epochStarted = performance.now();
      const trained = await trainEpoch({ ...training, ...averaging }, epoch, weights);
      weights = trained.weights;
      passes += loader.samplesPerEpoch * passesPerTrainingImage(condition);
      const evaluated = await raw.closeEpoch(epoch, weights);
      const evaluatedWa = average && (await averaged?.closeEpoch(epoch, average.weights));
      events.epoch(epochMetrics(epoch, trained.metrics, evaluated, evaluatedWa, secondsSince(epochStarted)));
    }
    const metrics = joinMetrics(await raw.finish(weights), average && (await averaged?.finish(average.weights)));
    const seconds = secondsSince(started);
    const final = await torchWeights(model, weights);
    const finalWa = average && (await torchWeights(model, average.weights));
    const best = await torchWeights(model, raw.bestWeights);
    const bestWa = averaged && (await torchWeights(model, averaged.bestWeights));
    const encode = (values: Float32Array[]) => encodeSafetensors(model, values, []);
    events.weights?.({
      final: encode(final),
      best: encode(best),
      ...(finalWa === undefined ? {} : { finalWa: encode(finalWa) }),
      ...(bestWa === undefined ? {} : { bestWa: encode(bestWa) }),
    });
    return {
      weightHash: weightHash(final),
      ...(finalWa === undefined ? {} : { weightHashWa: weightHash(finalWa) }),
      metrics,
      evaluations: [],
      gates: [],
      bestEpoch: raw.bestEpoch,
      ...(averaged === undefined ? {} : { bestEpochWa: averaged.bestEpoch }),
      backend,
      seconds,
      imagePassesPerSecond: passes / seconds,
    };
  } finally {
    tf.dispose(weights);
    average?.dispose();
    for (const track of [raw, averaged]) track?.dispose();
    optimizer.dispose();
  }
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/** One pass is a forward and a backward pass; the forward passes that only predict are not counted. */
function passesPerTrainingImage({ method, attack, awp }: Condition): number {
  const ofObjective = method === 'trades' || method === 'mart' ? 2 : 1;
  return (method === 'plain' ? 0 : attack.steps) + (awp.gamma > 0 ? 2 : 1) * ofObjective;
}

function initialWeights(model: Model, seed: number): tf.Tensor1D {
  return tf.tidy(() => packWeights(model.initialise(seed)));
}

async function torchWeights(model: Model, weights: tf.Tensor1D): Promise<Float32Array[]> {
  const values = (await weights.data()) as Float32Array;
  let first = 0;
  return model.toTorchLayout(model.parameters.map(({ size }) => values.subarray(first, (first += size))));
}

function epochMetrics(
  epoch: number,
  { loss, accuracy, learningRate, epsilon }: EpochOfTraining,
  { validation, test }: EvaluatedEpoch,
  averaged: EvaluatedEpoch | undefined,
  seconds: number,
): EpochMetrics {
  return {
    epoch,
    trainLoss: loss,
    trainAccuracy: accuracy,
    learningRate,
    epsilon,
    validationCleanAccuracy: validation?.clean ?? null,
    validationRobustAccuracy: validation?.robust ?? null,
    testCleanAccuracy: test?.clean ?? null,
    testRobustAccuracy: test?.robust ?? null,
    validationCleanAccuracyWa: averaged?.validation?.clean ?? null,
    validationRobustAccuracyWa: averaged?.validation?.robust ?? null,
    testCleanAccuracyWa: averaged?.test?.clean ?? null,
    testRobustAccuracyWa: averaged?.test?.robust ?? null,
    seconds,
  };
}
