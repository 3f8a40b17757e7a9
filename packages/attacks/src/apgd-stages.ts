// APGD as stages of an evaluation: on cross-entropy, on DLR, and APGD-T on the targeted DLR (Croce & Hein 2020).
import type * as tf from '@tensorflow/tfjs-core';
import { apgd } from './apgd.ts';
import {
  type AttackBatch,
  oneHotRows,
  restartRounds,
  type Round,
  type Stage,
  targetClasses,
  targetRounds,
} from './attack-batch.ts';
import type { ImageLoss } from './attack-loss.ts';
import { targetedDlrLoss } from './dlr-loss.ts';
import { TooFewClassesError } from './errors.ts';
import { noiseAtDistance, restartNumber } from './evaluation-noise.ts';
import { getLoss } from './image-loss.ts';

export type ApgdParameters = { readonly steps: number; readonly restarts: number };

export type TargetedApgdParameters = ApgdParameters & {
  /** wrong classes tried, strongest first */
  readonly targets: number;
};

/** The misclassified point that a run from a random point on the ball's surface met last. */
async function craftFrom(batch: AttackBatch, loss: ImageLoss, steps: number, restart: number): Promise<tf.Tensor4D> {
  const { logits, images, labels, classes, threat, border } = batch;
  const noise = noiseAtDistance(batch, restart, threat.epsilon);
  const oneHot = oneHotRows(labels, classes);
  try {
    const options = { logits, images, oneHot, loss, threat, iterations: steps, noise, border };
    const { best, bestLoss, adversarial, correct } = await apgd(options);
    for (const unread of [best, bestLoss, correct]) unread.dispose();
    return adversarial;
  } finally {
    noise.dispose();
    oneHot.dispose();
  }
}

/** @throws TooFewClassesError for DLR below three classes, from `rounds` */
export function apgdStage(name: 'apgd-ce' | 'apgd-dlr', { steps, restarts }: ApgdParameters): Stage {
  const loss = getLoss(name === 'apgd-ce' ? 'ce' : 'dlr');
  return {
    name,
    rounds: (classes) => {
      if (name === 'apgd-dlr' && classes < 3) throw new TooFewClassesError('dlr', classes, 3);
      return restartRounds(restarts);
    },
    craft: (batch, round) => craftFrom(batch, loss, steps, restartNumber(name, round)),
  };
}

/** @throws TooFewClassesError below four classes, from `rounds` */
export function targetedApgdStage({ steps, restarts, targets }: TargetedApgdParameters): Stage {
  const craft = async (batch: AttackBatch, round: Round) => {
    const targetRows = oneHotRows(await targetClasses(batch, round.target), batch.classes);
    try {
      return await craftFrom(batch, targetedDlrLoss(targetRows), steps, restartNumber('apgd-t', round));
    } finally {
      targetRows.dispose();
    }
  };
  return {
    name: 'apgd-t',
    rounds: (classes) => {
      if (classes < 4) throw new TooFewClassesError('targeted dlr', classes, 4);
      return targetRounds(targets, restarts, classes);
    },
    craft,
  };
}
