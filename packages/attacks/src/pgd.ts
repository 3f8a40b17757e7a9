// FGSM (Goodfellow et al. 2015) and PGD (Madry et al. 2018) with restarts, as an evaluation runs them: image by image seeded.
import * as tf from '@tensorflow/tfjs-core';
import { type AttackBatch, oneHotRows, restartRounds, type Stage } from './attack-batch.ts';
import { ballAround } from './ball.ts';
import { noiseWithin, restartNumber } from './evaluation-noise.ts';
import { getLoss, type LossName } from './image-loss.ts';
import { inputGradient } from './input-gradient.ts';

export type PgdParameters = {
  /** 0: the random start itself, the noise that a defence must stand at least */
  readonly steps: number;
  /** random starts; an image is robust only if it survives all */
  readonly restarts: number;
  /** length of a step as a share of epsilon */
  readonly stepShare: number;
  readonly loss: LossName;
};

/** The last iterate of PGD. `noise` is added before the first step. The caller frees both. */
async function climb(batch: AttackBatch, parameters: PgdParameters, noise: tf.Tensor4D | 'zero'): Promise<tf.Tensor4D> {
  const { logits, images, labels, classes, threat, border } = batch;
  const loss = getLoss(parameters.loss).gradient;
  const stepSize = parameters.stepShare * threat.epsilon;
  const ball = ballAround(images, threat.norm, threat.epsilon);
  const oneHot = oneHotRows(labels, classes);
  let current = noise === 'zero' ? tf.clone(images) : tf.tidy(() => ball.project(tf.add(images, noise)));
  try {
    for (let step = 0; step < parameters.steps; step++) {
      await border();
      const next = tf.tidy(() => {
        const gradient = inputGradient(logits, loss, current, oneHot);
        return ball.climb(current, gradient, stepSize);
      });
      current.dispose();
      current = next;
    }
    return current;
  } catch (error) {
    current.dispose();
    throw error;
  } finally {
    oneHot.dispose();
    ball.dispose();
  }
}

/** PGD from random starts in the ball, in the sign of the gradient for L∞ and along it for L2. */
export function pgdStage(parameters: PgdParameters): Stage {
  return {
    name: 'pgd',
    rounds: () => restartRounds(parameters.restarts),
    craft: async (batch, round) => {
      const noise = noiseWithin(batch, restartNumber('pgd', round));
      try {
        return await climb(batch, parameters, noise);
      } finally {
        noise.dispose();
      }
    },
  };
}

/** One step of length epsilon from the image itself. */
export function fgsmStage({ loss }: Pick<PgdParameters, 'loss'>): Stage {
  return {
    name: 'fgsm',
    rounds: () => restartRounds(1),
    craft: (batch) => climb(batch, { steps: 1, restarts: 1, stepShare: 1, loss }, 'zero'),
  };
}
