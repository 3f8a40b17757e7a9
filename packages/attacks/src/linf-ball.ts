// The L∞ ball around images, cut to the pixel range [0, 1]: its projection and its steepest step (Madry et al. 2018).
import * as tf from '@tensorflow/tfjs-core';

/** The allowed interval of every pixel. */
export interface LinfBall {
  readonly lower: tf.Tensor4D;
  readonly upper: tf.Tensor4D;
}

/** [max(x − ε, 0), min(x + ε, 1)] for `images` in [0, 1]. The caller owns both tensors. */
export function linfBall(images: tf.Tensor4D, epsilon: number): LinfBall {
  return {
    lower: tf.relu(tf.sub(images, epsilon)),
    upper: tf.minimum(tf.add(images, epsilon), 1),
  };
}

/** The nearest point of the ball. */
export function projectLinf(images: tf.Tensor4D, ball: LinfBall): tf.Tensor4D {
  return tf.minimum(tf.maximum(images, ball.lower), ball.upper);
}

/** One ascent step of length `stepSize` in every pixel, by the sign of the gradient. */
export function signStep(images: tf.Tensor4D, gradient: tf.Tensor4D, stepSize: number | tf.Tensor): tf.Tensor4D {
  return tf.add(images, tf.mul(tf.sign(gradient), stepSize));
}
