// Builds a model from its architecture: its tensors, how they start, and how they turn images into logits.
import * as tf from '@tensorflow/tfjs-core';
import { initialWeights } from './initial-weights.ts';
import type { Architecture, ImageShape } from './layer.ts';
import { planLayers } from './plan-layers.ts';
import { runLayers } from './run-layers.ts';
import { fromTorch, type TrainableTensor, toTorch } from './tensor-layout.ts';

export interface Model {
  readonly name: string;
  /** height, width, channels in pixels */
  readonly imageShape: ImageShape;
  readonly classes: number;
  readonly parameterCount: number;
  /** The trainable tensors in state_dict order; every list of weights below has this order. */
  readonly parameters: readonly TrainableTensor[];
  /** New tensors with the initial weights of a seed (0…2^32−1); the caller disposes of them. */
  initialise(seed: number): tf.Tensor[];
  /** Logits n·classes of images n·H·W·C in [0, 1]; differentiable in both arguments; keeps no tensor but the result. */
  forward(weights: readonly tf.Tensor[], images: tf.Tensor4D): tf.Tensor2D;
  /** Values laid out as ours, as PyTorch's state_dict lays them out. @throws WeightSizeError */
  toTorchLayout(weights: readonly Float32Array[]): Float32Array[];
  /** Values laid out as PyTorch's state_dict, as ours. @throws WeightSizeError */
  fromTorchLayout(torchWeights: readonly Float32Array[]): Float32Array[];
}

/** An architecture whose layers do not have the number of parameters it declares. */
export class ParameterCountError extends Error {
  override readonly name = 'ParameterCountError';
  constructor(
    readonly model: string,
    readonly declared: number,
    readonly built: number,
  ) {
    super(`${model} has ${built} trainable parameters, declared are ${declared}`);
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

/** @throws ParameterCountError when the layers do not add up to the declared number of parameters. */
export function buildModel({ name, imageShape, parameterCount, layers }: Architecture): Model {
  const plan = planLayers(layers, imageShape);
  const { tensors, classes } = plan;
  const built = tensors.reduce((sum, tensor) => sum + tensor.size, 0);
  if (built !== parameterCount) throw new ParameterCountError(name, parameterCount, built);

  const convert = (weights: readonly Float32Array[], layout: typeof toTorch) =>
    tensors.map((tensor, i) => {
      const size = weights[i]?.length ?? 0;
      if (size !== tensor.size) throw new WeightSizeError(name, tensor.name, size, tensor.size);
      return layout(weights[i], tensor);
    });

  return {
    name,
    imageShape,
    classes,
    parameterCount,
    parameters: tensors,
    initialise: (seed) =>
      initialWeights(tensors, seed).map((torch, i) =>
        tf.tensor(fromTorch(torch, tensors[i]), [...tensors[i].shape], 'float32'),
      ),
    forward: (weights, images) => runLayers(plan, weights, images),
    toTorchLayout: (weights) => convert(weights, toTorch),
    fromTorchLayout: (torchWeights) => convert(torchWeights, fromTorch),
  };
}
