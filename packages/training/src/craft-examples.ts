// The adversarial examples of a training batch: start, loss and steps of the attack that the method trains against.
import { craft, craftByAdam, fillL2Noise, fillNormalNoise, fillUniformNoise, type Logits } from '@reseed/attacks';
import type { Condition } from '@reseed/experiment';
import { attackNormalStream, attackStream } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import { ATTACK_NORMS } from './attack-norm.ts';
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
  readonly logitsOf: Logits;
}

/** Standard deviation of the start of TRADES and MART. */
const NORMAL_START = 0.001;

/** A point of the ball around every image of a training batch; `replay` tells several starts of one batch apart. */
export function startInBall(
  { norm, epsilon }: Pick<Condition['attack'], 'norm' | 'epsilon'>,
  seed: number,
  { epoch, batch, replay }: BatchPlace & { readonly replay: number },
  images: tf.Tensor4D,
): tf.Tensor4D {
  const [, height, width, channels] = images.shape;
  const noise = new Float32Array(images.size);
  switch (norm) {
    case 'linf':
      fillUniformNoise(attackStream(seed, epoch, batch, replay), noise, [height, width, channels], epsilon);
      break;
    case 'l2':
      fillL2Noise(attackNormalStream(seed, epoch, batch, replay), noise, [height, width, channels], epsilon);
      break;
  }
  return tf.tensor4d(noise, images.shape);
}

/** 0.001 · N(0, 1) at every pixel of a training batch. */
function startNearby(seed: number, { epoch, batch }: BatchPlace, images: tf.Tensor4D): tf.Tensor4D {
  const [, height, width, channels] = images.shape;
  const noise = new Float32Array(images.size);
  fillNormalNoise(attackNormalStream(seed, epoch, batch, 0), noise, [height, width, channels], NORMAL_START);
  return tf.tensor4d(noise, images.shape);
}

function startOf(
  { condition, seed }: CraftingFacts,
  place: BatchPlace,
  epsilon: number,
  images: tf.Tensor4D,
): tf.Tensor4D | 'zero' {
  const { init, norm } = condition.attack;
  switch (init) {
    case 'zero':
      return 'zero';
    case 'normal':
      return startNearby(seed, place, images);
    case 'uniform':
      return startInBall({ norm, epsilon }, seed, { ...place, replay: 0 }, images);
  }
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
    const { steps, norm, stepRule } = condition.attack;
    const oneHot = condition.method === 'trades' ? tf.softmax(logits(images)) : labels;
    const start = startOf(facts, place, epsilon, images);
    const options = { logits, images, oneHot, norm: ATTACK_NORMS[norm], epsilon, steps, start };
    switch (stepRule) {
      case 'steepest':
        return craft({ ...options, stepSize });
      case 'adam':
        return craftByAdam(options);
    }
  });
}
