// How a model with batch norm or dropout is to compute: by which statistics it normalises, and what it drops.
import type * as tf from '@tensorflow/tfjs-core';

/**
 * `train` normalises by the batch and reports new running statistics, `eval` normalises by the running ones,
 * `batch_stats` normalises by the batch and leaves the running ones alone (DeepMind's attack, arXiv:2010.03593).
 */
export type BatchNormMode = 'train' | 'eval' | 'batch_stats';

export interface ForwardPass {
  readonly batchNorm: BatchNormMode;
  /** Running means and variances in the order of `model.buffers`; none for a model without batch norm. */
  readonly buffers: readonly tf.Tensor[];
  /**
   * Called once after a `train` pass of a model with batch norm, with the new running statistics in the order of
   * `buffers`; they are kept (`tf.keep`) and the callee's to dispose of. Without it none are computed.
   */
  readonly statistics?: ((updated: tf.Tensor[]) => void) | undefined;
  /**
   * The mask of dropout layer `layer`, counted from 0: a new tensor of `shape` with 0 where a value is dropped, which
   * happens with probability `rate`, else 1. The model frees it. Without it nothing is dropped, as in evaluation.
   */
  readonly dropout?: ((layer: number, shape: readonly number[], rate: number) => tf.Tensor) | undefined;
}

/** A model with batch norm that was not told how to normalise, or with other statistics than its own. */
export class RunningStatisticsError extends RangeError {
  override readonly name = 'RunningStatisticsError';
  constructor(
    readonly model: string,
    readonly given: number,
    readonly expected: number,
  ) {
    super(`${model} has ${expected} running statistics; its forward pass was given ${given}`);
  }
}
