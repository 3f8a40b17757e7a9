// The forward pass: images to logits through the steps of a layer plan.
import { isServed, RELU_GRADIENT, reluInOnePass } from '@reseed/fused-kernels';
import * as tf from '@tensorflow/tfjs-core';
import { normaliseByBatch, normaliseByRunning, updateRunning } from './batch-norm.ts';
import { type BorderAddedBy, borderAddedBy, convolve } from './convolve.ts';
import type { ForwardPass } from './forward-pass.ts';
import type { Activation, Step } from './plan-layers.ts';

export interface LayerRun {
  /** In state_dict order, in our layout. */
  readonly weights: readonly tf.Tensor[];
  /** Absent only where no layer needs one. */
  readonly pass: ForwardPass | undefined;
  /** Called for each batch norm of a `train` pass with its position among the buffers and its new running statistics. */
  readonly update: (buffer: number, mean: tf.Tensor, variance: tf.Tensor) => void;
}

/**
 * Runs inside the caller's tidy.
 * @param images n·H·W·C
 * @returns logits n·classes
 */
export function runLayers(steps: readonly Step[], run: LayerRun, images: tf.Tensor4D): tf.Tensor2D {
  const border = borderAddedBy(tf.getBackend());
  return runSteps(steps, run, border, images) as tf.Tensor2D;
}

function runSteps(steps: readonly Step[], run: LayerRun, border: BorderAddedBy, input: tf.Tensor): tf.Tensor {
  let x = input;
  for (const step of steps) {
    const before = x;
    x = tf.tidy(() => runStep(step, run, border, before));
    // What the backward pass needs is held by clones; the rest of a deep network need not wait for the end of the pass.
    if (before !== input && before !== x) before.dispose();
  }
  return x;
}

function runStep(step: Step, run: LayerRun, border: BorderAddedBy, x: tf.Tensor): tf.Tensor {
  const { weights, pass } = run;
  switch (step.kind) {
    case 'conv': {
      const { stride: strides, padding, activation } = step;
      const filter = weights[step.weight] as tf.Tensor4D;
      const bias = step.bias === 'next' ? { bias: weights[step.weight + 1] as tf.Tensor1D } : {};
      return convolve({ x: x as tf.Tensor4D, filter, ...bias, strides, padding, activation }, border);
    }
    case 'batch_norm':
      return normalise(step, run, x as tf.Tensor4D);
    case 'linear': {
      const weight = weights[step.weight] as tf.Tensor2D;
      return multiply(x as tf.Tensor2D, weight, weights[step.weight + 1] as tf.Tensor1D, step.activation);
    }
    case 'relu':
      return tf.relu(x);
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
    case 'pool': {
      const pool = step.take === 'max' ? tf.maxPool : tf.avgPool;
      const pooled = pool(x as tf.Tensor4D, step.size, step.stride, 'valid');
      if (step.activation === 'linear') return pooled;
      return isServed(RELU_GRADIENT) ? reluInOnePass(pooled) : tf.relu(pooled);
    }
    case 'global_average':
      return tf.div(tf.sum(x, [1, 2]), step.pixels);
    case 'flatten':
      return tf.reshape(x, [-1, step.features]);
    case 'dropout':
      if (pass?.dropout === undefined) return x;
      return tf.mul(x, tf.div(pass.dropout(step.layer, x.shape, step.rate), 1 - step.rate));
    case 'residual': {
      const entry = runSteps(step.entry, run, border, x);
      const branch = runSteps(step.branch, run, border, entry);
      const from = step.shortcut.length > 0 && step.shortcutFrom === 'entry' ? entry : x;
      return tf.add(branch, runSteps(step.shortcut, run, border, from));
    }
  }
}

function normalise(step: Extract<Step, { kind: 'batch_norm' }>, run: LayerRun, x: tf.Tensor4D): tf.Tensor4D {
  const { weights, pass, update } = run;
  if (pass === undefined) throw new TypeError('a batch norm needs a forward pass');
  const affine = { weight: weights[step.weight], bias: weights[step.weight + 1] };
  const running = { mean: pass.buffers[step.buffer], variance: pass.buffers[step.buffer + 1] };
  switch (pass.batchNorm) {
    case 'eval':
      return normaliseByRunning(x, affine, running, step.activation);
    case 'batch_stats':
      return normaliseByBatch(x, affine, step.activation, () => {});
    case 'train':
      return normaliseByBatch(x, affine, step.activation, (batch) => {
        if (pass.statistics === undefined) return;
        const { mean, variance } = updateRunning(running, batch, x);
        update(step.buffer, tf.keep(mean), tf.keep(variance));
      });
  }
}

function multiply(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D, activation: Activation): tf.Tensor2D {
  switch (activation) {
    case 'relu':
      return tf.fused.matMul({ a: x, b: weight, bias, activation }) as tf.Tensor2D;
    case 'linear':
      // Not fused: the gradient of a fused product without activation computes every derivative, also those of weights
      // that an attack does not ask for.
      return tf.add<tf.Tensor2D>(tf.matMul(x, weight), bias);
  }
}
