// The set of images that a threat model allows around each image, with the steepest step of its norm (Madry et al. 2018).
import { isServed, PGD_STEP_LINF, pgdStepLinf } from '@reseed/fused-kernels';
import * as tf from '@tensorflow/tfjs-core';
import { directionStep, projectL2 } from './l2-ball.ts';
import { linfBall, projectLinf, signStep } from './linf-ball.ts';

export type Norm = 'Linf' | 'L2';

export interface Ball {
  /** Brings images back into the ball and [0, 1]. */
  readonly project: (images: tf.Tensor4D) => tf.Tensor4D;
  /** One unprojected ascent step, its length the same for all images or given per image as [n, 1, 1, 1]. */
  readonly step: (images: tf.Tensor4D, gradient: tf.Tensor4D, stepSize: number | tf.Tensor) => tf.Tensor4D;
  /** One ascent step of one length for all images, brought back into the ball and [0, 1]. */
  readonly climb: (images: tf.Tensor4D, gradient: tf.Tensor4D, stepSize: number) => tf.Tensor4D;
  /** Frees what the ball holds; the images stay. */
  readonly dispose: () => void;
}

/** Added to the length of a gradient before it is divided by it, as PGD is published; APGD adds 1e-12. */
const PGD_TINY = 1e-10;

/** The ball of radius `epsilon` (pixel value 0…1) around `images`, which must outlive it. */
export function ballAround(images: tf.Tensor4D, norm: Norm, epsilon: number, tiny = PGD_TINY): Ball {
  switch (norm) {
    case 'Linf': {
      const ball = tf.tidy(() => ({ ...linfBall(images, epsilon) }));
      const dispose = () => {
        ball.lower.dispose();
        ball.upper.dispose();
      };
      const project = (x: tf.Tensor4D) => projectLinf(x, ball);
      const climb: Ball['climb'] = (x, gradient, stepSize) =>
        isServed(PGD_STEP_LINF)
          ? pgdStepLinf({ adversarial: x, gradient, clean: images }, { stepSize, epsilon })
          : project(signStep(x, gradient, stepSize));
      return { project, step: signStep, climb, dispose };
    }
    case 'L2': {
      const project = (x: tf.Tensor4D) => projectL2(x, images, epsilon);
      const step: Ball['step'] = (x, gradient, stepSize) => directionStep(x, gradient, stepSize, tiny);
      return { project, step, climb: (...move) => project(step(...move)), dispose: () => {} };
    }
  }
}

/**
 * Is `candidate` (the pixels of one image) in the ball around `image`, up to the rounding of float32? Not when a pixel
 * is no number.
 */
export function insideBall(candidate: Float32Array, image: Float32Array, norm: Norm, epsilon: number): boolean {
  const roundings = norm === 'Linf' ? 1 : Math.sqrt(image.length);
  const inRange = candidate.every((value) => value >= 0 && value <= 1);
  return inRange && distance(candidate, image, norm) <= epsilon * (1 + 1e-6) + roundings * 2 ** -24;
}

/** Length of the difference of two images, computed in double. */
export function distance(a: Float32Array, b: Float32Array, norm: Norm): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    total = norm === 'Linf' ? Math.max(total, difference) : total + difference * difference;
  }
  return norm === 'Linf' ? total : Math.sqrt(total);
}
