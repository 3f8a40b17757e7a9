// The model of a run with everything it holds: the weights that an optimiser moves, and the running statistics of batch norm.
import type { Logits } from '@reseed/attacks';
import { type Condition, datasetTraits } from '@reseed/experiment';
import { getModel, type Model } from '@reseed/models';
import * as tf from '@tensorflow/tfjs-core';
import type { RunData } from './dataset-cache.ts';
import { packWeights, unpackWeights } from './weight-vector.ts';

/** Flat vectors, tensor after tensor; no statistics where the model has no batch norm. */
export interface ModelValues {
  readonly weights: tf.Tensor1D;
  readonly statistics: tf.Tensor1D | undefined;
}

/** The same as the tensors of the model, in its order. */
export interface ModelTensors {
  readonly weights: tf.Tensor[];
  readonly buffers: tf.Tensor[];
}

/** Values as PyTorch's state_dict lays them out. */
export interface TorchState {
  readonly weights: Float32Array[];
  readonly buffers: Float32Array[];
}

export function buildNetwork(
  { model, normalisation, dataset }: Pick<Condition, 'model' | 'normalisation' | 'dataset'>,
  { imageShape, classes }: Pick<RunData, 'imageShape' | 'classes'>,
): Model {
  const constants = normalisation === 'none' ? undefined : datasetTraits(dataset).normalisation;
  return getModel(model, { imageShape, classes, normalisation: constants });
}

export function initialValues(model: Model, seed: number): ModelValues {
  return tf.tidy(() => ({
    weights: packWeights(model.initialise(seed)),
    statistics: packStatistics(model.initialBuffers()),
  }));
}

export const packStatistics = (buffers: readonly tf.Tensor[]): tf.Tensor1D | undefined =>
  buffers.length === 0 ? undefined : packWeights(buffers);

const shapesOf = (tensors: readonly { readonly shape: readonly number[] }[]) => tensors.map(({ shape }) => shape);

/** Running statistics as the model's buffers: new tensors, the caller's; none without batch norm. */
export const unpackStatistics = (model: Model, { statistics }: ModelValues): tf.Tensor[] =>
  statistics === undefined ? [] : unpackWeights(statistics, shapesOf(model.buffers));

/** New tensors; the caller disposes of them. */
export const unpackValues = (model: Model, values: ModelValues): ModelTensors => ({
  weights: unpackWeights(values.weights, shapesOf(model.parameters)),
  buffers: unpackStatistics(model, values),
});

/** Copies that outlive a tidy; the caller disposes of them. */
export function copyValues({ weights, statistics }: ModelValues): ModelValues {
  return {
    weights: tf.keep(tf.clone(weights)),
    statistics: statistics === undefined ? undefined : tf.keep(tf.clone(statistics)),
  };
}

export function disposeValues({ weights, statistics }: ModelValues): void {
  weights.dispose();
  statistics?.dispose();
}

/** The model as it is evaluated: by running statistics, nothing dropped. */
export function evaluationLogits(model: Model, { weights, buffers }: ModelTensors): Logits {
  return (images) => model.forward(weights, images, { batchNorm: 'eval', buffers });
}

/** What `use` makes of the model as it is evaluated; the tensors that it lives on are freed, however that ends. */
export async function withLogits<T>(
  model: Model,
  values: ModelValues,
  use: (logits: Logits) => T | Promise<T>,
): Promise<T> {
  const tensors = unpackValues(model, values);
  try {
    return await use(evaluationLogits(model, tensors));
  } finally {
    tf.dispose([...tensors.weights, ...tensors.buffers]);
  }
}

/** Reads the device. */
export async function torchState(model: Model, { weights, statistics }: ModelValues): Promise<TorchState> {
  return {
    weights: model.toTorchLayout(await readVector(weights, model.parameters)),
    buffers: statistics === undefined ? [] : await readVector(statistics, model.buffers),
  };
}

async function readVector(vector: tf.Tensor1D, tensors: readonly { readonly size: number }[]): Promise<Float32Array[]> {
  const values = (await vector.data()) as Float32Array;
  let first = 0;
  return tensors.map(({ size }) => values.subarray(first, (first += size)));
}
