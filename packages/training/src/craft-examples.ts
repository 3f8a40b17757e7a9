// The adversarial examples of a training batch: start, loss and steps of the attack that the method trains against.
import { craft, fillNormalNoise, fillUniformNoise, type Logits } from '@reseed/attacks';
import type { Condition, DatasetFacts } from '@reseed/experiment';
import { attackNormalStream, attackStream } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageBatch } from './image-batch.ts';

export interface BatchPlace {
  readonly epoch: number;
  readonly batch: number;
}

/** Strength of the attack in one step of the optimiser. */
export interface AttackForce {
  readonly epsilon: number;
  readonly stepSize: number;
}

export interface CraftingFacts {
  readonly condition: Condition;
  readonly seed: number;
  readonly imageShape: DatasetFacts['imageShape'];
  readonly logitsOf: Logits;
}

/** Standard deviation of the start of TRADES and MART. */
const NORMAL_START = 0.001;

function startOf(
  { condition, seed, imageShape }: CraftingFacts,
  { epoch, batch }: BatchPlace,
  epsilon: number,
  images: tf.Tensor4D,
): tf.Tensor4D | 'zero' {
  const noise = new Float32Array(images.size);
  switch (condition.attack.init) {
    case 'zero':
      return 'zero';
    case 'uniform':
      fillUniformNoise(attackStream(seed, epoch, batch, 0), noise, imageShape, epsilon);
      break;
    case 'normal':
      fillNormalNoise(attackNormalStream(seed, epoch, batch, 0), noise, imageShape, NORMAL_START);
      break;
  }
  return tf.tensor4d(noise, images.shape);
}

/**
 * TRADES climbs the divergence from the clean output, whose gradient is that of the cross-entropy to the clean output
 * as a soft label; all others climb the cross-entropy to the label.
 */
export function craftExamples(
  facts: CraftingFacts,
  place: BatchPlace,
  { epsilon, stepSize }: AttackForce,
  { images, labels }: ImageBatch,
): tf.Tensor4D {
  return tf.tidy(() => {
    const { condition, logitsOf: logits } = facts;
    const target = condition.method === 'trades' ? tf.softmax(logits(images)) : labels;
    const start = startOf(facts, place, epsilon, images);
    return craft({ logits, images, oneHot: target, epsilon, stepSize, steps: condition.attack.steps, start });
  });
}
