// The forward passes over one training batch: how batch norm and dropout work in each, and where running statistics end up.
import type { Condition } from '@reseed/experiment';
import type { BatchNormMode, Model } from '@reseed/models';
import { dropoutStream, type TorchGenerator } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import type { BatchPlace } from './craft-examples.ts';
import { packStatistics } from './network.ts';

export interface PassFacts {
  readonly model: Model;
  readonly seed: number;
  readonly place: BatchPlace;
  /** Of the passes that craft examples. */
  readonly crafting: Condition['attack']['batchNorm'];
}

/** What a pass is for: learning, learning at weights that are thrown away, or crafting examples. */
export type PassKind = 'learn' | 'probe' | 'craft';

export class BatchPasses {
  readonly #facts: PassFacts;
  readonly #initial: readonly tf.Tensor[];
  #moved: tf.Tensor[] | undefined;
  readonly #dropoutStreams = new Map<number, TorchGenerator>();

  /** @param buffers running statistics before the batch; they stay the caller's */
  constructor(facts: PassFacts, buffers: readonly tf.Tensor[]) {
    this.#facts = facts;
    this.#initial = buffers;
  }

  /**
   * Logits of a pass; differentiable in both arguments. Running statistics follow every pass in training mode, pass after
   * pass, as PyTorch's do; a probe leaves them alone, because its weights are those of a copy.
   */
  forward(kind: PassKind, weights: readonly tf.Tensor[], images: tf.Tensor4D): tf.Tensor2D {
    const batchNorm = this.#modeOf(kind);
    return this.#facts.model.forward(weights, images, {
      batchNorm,
      buffers: this.#moved ?? this.#initial,
      statistics: batchNorm === 'train' ? (updated) => this.#move(updated) : undefined,
      dropout: this.#drops(kind) ? (layer, shape, rate) => this.#mask(layer, shape, rate) : undefined,
    });
  }

  #modeOf(kind: PassKind): BatchNormMode {
    switch (kind) {
      case 'learn':
        return 'train';
      case 'probe':
        return 'batch_stats';
      case 'craft':
        return this.#facts.crafting;
    }
  }

  #drops(kind: PassKind): boolean {
    return kind !== 'craft' || this.#facts.crafting === 'train';
  }

  #move(updated: tf.Tensor[]): void {
    tf.dispose(this.#moved);
    this.#moved = updated;
  }

  /** PyTorch's: a value is kept where a uniform float32 is below 1 − rate; one stream per layer, pass after pass. */
  #mask(layer: number, shape: readonly number[], rate: number): tf.Tensor {
    const { seed, place } = this.#facts;
    const stream = this.#dropoutStreams.get(layer) ?? dropoutStream(seed, place.epoch, place.batch, layer);
    this.#dropoutStreams.set(layer, stream);
    const mask = new Float32Array(tf.util.sizeFromShape([...shape]));
    for (let i = 0; i < mask.length; i++) mask[i] = stream.bernoulli(1 - rate) ? 1 : 0;
    return tf.tensor(mask, [...shape]);
  }

  /** A new vector of the running statistics after the passes so far; undefined when none has moved them. */
  movedStatistics(): tf.Tensor1D | undefined {
    return this.#moved === undefined ? undefined : packStatistics(this.#moved);
  }

  dispose(): void {
    tf.dispose(this.#moved);
    this.#moved = undefined;
  }
}
