// Builds a model from its architecture: its tensors, how they start, and how they turn images into logits.
import * as tf from '@tensorflow/tfjs-core';
import { countMultiplyAdds, type MultiplyAdds } from './count-multiply-adds.ts';
import { type ForwardPass, RunningStatisticsError } from './forward-pass.ts';
import { initialWeights } from './initial-weights.ts';
import type { Architecture, ImageShape, Normalisation } from './layer.ts';
import { checkedOptions, type ModelOptions } from './model-options.ts';
import { type LayerPlan, planLayers } from './plan-layers.ts';
import { borderOf, prepareImages } from './prepare-images.ts';
import { runLayers } from './run-layers.ts';
import { interleave, normalisationEntries, type StateEntry } from './state-dict.ts';
import { type BufferTensor, fromTorch, type TrainableTensor, toTorch } from './tensor-layout.ts';

export interface Model {
  readonly name: string;
  /** height, width, channels in pixels */
  readonly imageShape: ImageShape;
  readonly classes: number;
  /** undefined: pixels enter the first layer as they are */
  readonly normalisation: Normalisation | undefined;
  readonly parameterCount: number;
  /** Of one image of `imageShape`. */
  readonly multiplyAdds: MultiplyAdds;
  /** The trainable tensors in state_dict order; every list of weights below has this order. */
  readonly parameters: readonly TrainableTensor[];
  /** Running mean and variance of each batch norm in state_dict order; empty without batch norm. */
  readonly buffers: readonly BufferTensor[];
  /** Everything that the reference class keeps in its state_dict, in its order. */
  readonly state: readonly StateEntry[];
  /** New tensors with the initial weights of a seed (0…2^32−1); the caller disposes of them. */
  initialise(seed: number): tf.Tensor[];
  /** New tensors: means 0, variances 1; the caller disposes of them. */
  initialBuffers(): tf.Tensor[];
  /**
   * Logits n·classes of images n·H·W·C in [0, 1]; differentiable in both arguments; keeps no tensor but the result and
   * what it hands to `pass.statistics`. A model with neither batch norm nor dropout ignores the pass.
   * @throws RunningStatisticsError, BatchTooSmallError
   */
  forward(weights: readonly tf.Tensor[], images: tf.Tensor4D, pass?: ForwardPass): tf.Tensor2D;
  /** Values laid out as ours, as PyTorch's state_dict lays them out. @throws WeightSizeError */
  toTorchLayout(weights: readonly Float32Array[]): Float32Array[];
  /** Values laid out as PyTorch's state_dict, as ours. @throws WeightSizeError */
  fromTorchLayout(torchWeights: readonly Float32Array[]): Float32Array[];
  /** Weights in PyTorch's layout and buffers, interleaved as state_dict has them: what `weightHash` is taken over. */
  inStateOrder(torchWeights: readonly Float32Array[], buffers: readonly Float32Array[]): Float32Array[];
}

/** An architecture whose layers do not have the number of values it declares. */
export class ParameterCountError extends Error {
  override readonly name = 'ParameterCountError';
  constructor(
    readonly model: string,
    readonly counted: 'trainable parameters' | 'running statistics',
    readonly declared: number,
    readonly built: number,
  ) {
    super(`${model} has ${built} ${counted}, declared are ${declared}`);
  }
}

/** Weights that do not belong to the model they are given to. */
export class WeightSizeError extends RangeError {
  override readonly name = 'WeightSizeError';
  constructor(
    readonly model: string,
    readonly tensor: string,
    readonly size: number,
    readonly expected: number,
  ) {
    super(`${model}: ${tensor} has ${size} values, expected ${expected}`);
  }
}

/**
 * @throws ParameterCountError when the layers do not add up to the declared numbers; ModelOptionError; LayerOrderError
 * for an image shape that the layers cannot take
 */
export function buildModel(architecture: Architecture, options: ModelOptions = {}): Model {
  const { name } = architecture;
  checkCounts(architecture, planFor(architecture, architecture.imageShape, 10));
  const { imageShape, classes, normalisation } = checkedOptions(architecture, options);
  const plan = planFor(architecture, imageShape, classes);
  const { tensors, buffers } = plan;
  const border = borderOf(architecture, imageShape);
  const identity = { mean: Array(imageShape[2]).fill(0), std: Array(imageShape[2]).fill(1) };
  const constants = architecture.normalisationNames
    ? normalisationEntries(architecture.normalisationNames, imageShape[2], normalisation ?? identity)
    : [];
  const state = [...constants, ...plan.state];

  const check = (owned: readonly { name: string; size: number }[], values: readonly Float32Array[]) =>
    owned.forEach((tensor, i) => {
      const size = values[i]?.length ?? 0;
      if (size !== tensor.size) throw new WeightSizeError(name, tensor.name, size, tensor.size);
    });
  const convert = (weights: readonly Float32Array[], layout: typeof toTorch) => {
    check(tensors, weights);
    return tensors.map((tensor, i) => layout(weights[i], tensor));
  };

  return {
    name,
    imageShape,
    classes: plan.classes,
    normalisation,
    parameterCount: sum(tensors),
    multiplyAdds: countMultiplyAdds(plan, bordered(architecture, imageShape)),
    parameters: tensors,
    buffers,
    state,
    initialise: (seed) =>
      initialWeights(tensors, seed).map((torch, i) =>
        tf.tensor(fromTorch(torch, tensors[i]), [...tensors[i].shape], 'float32'),
      ),
    initialBuffers: () => buffers.map(({ shape, initial }) => tf.fill([...shape], initial, 'float32')),
    forward: (weights, images, pass) =>
      forward(name, plan, weights, pass, () => prepareImages(images, border, normalisation)),
    toTorchLayout: (weights) => convert(weights, toTorch),
    fromTorchLayout: (torchWeights) => convert(torchWeights, fromTorch),
    inStateOrder: (torchWeights, running) => {
      check(tensors, torchWeights);
      check(buffers, running);
      return interleave(state, torchWeights, running);
    },
  };
}

const sum = (tensors: readonly { size: number }[]): number => tensors.reduce((total, { size }) => total + size, 0);

const planFor = (architecture: Architecture, imageShape: ImageShape, classes: number): LayerPlan =>
  planLayers(architecture.layers, bordered(architecture, imageShape), classes);

function bordered(architecture: Architecture, imageShape: ImageShape): ImageShape {
  const [rows, columns] = borderOf(architecture, imageShape);
  return [imageShape[0] + 2 * rows, imageShape[1] + 2 * columns, imageShape[2]];
}

function checkCounts({ name, parameterCount, bufferCount = 0 }: Architecture, { tensors, buffers }: LayerPlan): void {
  const [parameters, statistics] = [sum(tensors), sum(buffers)];
  if (parameters !== parameterCount) {
    throw new ParameterCountError(name, 'trainable parameters', parameterCount, parameters);
  }
  if (statistics !== bufferCount) throw new ParameterCountError(name, 'running statistics', bufferCount, statistics);
}

function forward(
  name: string,
  { steps, buffers, unused }: LayerPlan,
  weights: readonly tf.Tensor[],
  pass: ForwardPass | undefined,
  prepared: () => tf.Tensor4D,
): tf.Tensor2D {
  const given = pass?.buffers.length ?? 0;
  if (buffers.length > 0 && given !== buffers.length) throw new RunningStatisticsError(name, given, buffers.length);

  const updated: tf.Tensor[] = [];
  const update = (position: number, mean: tf.Tensor, variance: tf.Tensor) => {
    updated[position] = mean;
    updated[position + 1] = variance;
  };
  try {
    const logits = tf.tidy(() =>
      withUnused(
        runLayers(steps, { weights, pass, update }, prepared()),
        unused.map((position) => weights[position]),
      ),
    );
    if (updated.length > 0) {
      pass?.statistics?.(pass.buffers.map((running, i) => updated[i] ?? tf.keep(tf.clone(running))));
    }
    return logits;
  } catch (error) {
    tf.dispose(updated.filter((tensor) => tensor !== undefined));
    throw error;
  }
}

/** The logits, with a gradient of 0 at the tensors that nothing computes with: none at all would be an error. */
function withUnused(logits: tf.Tensor2D, unused: readonly tf.Tensor[]): tf.Tensor2D {
  if (unused.length === 0) return logits;
  const attach = tf.customGrad((...inputs) => ({
    value: tf.clone(inputs[0] as tf.Tensor),
    gradFunc: (dy) => tf.tidy(() => [tf.clone(dy), ...unused.map((tensor) => tf.zerosLike(tensor))]),
  }));
  return attach(logits, ...unused) as tf.Tensor2D;
}
