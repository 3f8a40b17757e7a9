// FGSM (Goodfellow et al. 2015) and PGD (Madry et al. 2018): start, then steps up the loss, each projected to the ball.
import * as tf from '@tensorflow/tfjs-core';
import { type AttackLoss, crossEntropy } from './attack-loss.ts';
import { ballAround, type Norm } from './ball.ts';
import { inputGradient, type Logits } from './input-gradient.ts';

export interface CraftOptions {
  readonly logits: Logits;
  /** [n, height, width, channels], pixels in [0, 1] */
  readonly images: tf.Tensor4D;
  /** true classes, [n, classes]; cross-entropy takes soft labels too */
  readonly oneHot: tf.Tensor2D;
  /** L∞ unless told otherwise */
  readonly norm?: Norm;
  /** radius of the ball, pixel value 0…1 */
  readonly epsilon: number;
  readonly stepSize: number;
  /** one step from a zero start with stepSize = epsilon is FGSM */
  readonly steps: number;
  /** noise added to the images before the first step, same shape as them */
  readonly start: tf.Tensor4D | 'zero';
  /** cross-entropy unless told otherwise */
  readonly loss?: AttackLoss;
}

/**
 * The last iterate of the attack: same shape as `images`, within epsilon of them (up to one float32 rounding) and in [0, 1].
 * epsilon 0 returns the images' own values. The caller owns the result; nothing else stays allocated.
 */
export function craft({
  logits,
  images,
  oneHot,
  norm = 'Linf',
  epsilon,
  stepSize,
  steps,
  start,
  loss = crossEntropy,
}: CraftOptions): tf.Tensor4D {
  return tf.tidy(() => {
    const ball = ballAround(images, norm, epsilon);
    let adversarial = start === 'zero' ? images : ball.project(tf.add(images, start));
    for (let step = 0; step < steps; step++) {
      const next = tf.tidy(() => {
        const gradient = inputGradient(logits, loss, adversarial, oneHot);
        return ball.climb(adversarial, gradient, stepSize);
      });
      if (adversarial !== images) adversarial.dispose();
      adversarial = next;
    }
    return adversarial === images ? tf.clone(images) : adversarial;
  });
}
