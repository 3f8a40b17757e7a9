// The L2 ball around images, cut to the pixel range [0, 1]: its projection and its steepest step (Madry et al. 2018).
import * as tf from '@tensorflow/tfjs-core';

/** Keeps a zero vector zero when it is divided by its length. */
const TINY = 1e-12;

/** Euclidean length of every image, [n, 1, 1, 1]. */
export function imageNorms(images: tf.Tensor4D): tf.Tensor4D {
  return tf.sqrt(tf.sum(tf.square(images), [1, 2, 3], true));
}

/**
 * The offset from `centre` shortened to ε where it is longer, then cut to [0, 1], which only shortens it again: as the
 * attacks are published, not the nearest point of the intersection.
 */
export function projectL2(images: tf.Tensor4D, centre: tf.Tensor4D, epsilon: number): tf.Tensor4D {
  const offset = tf.sub<tf.Tensor4D>(images, centre);
  const share = tf.minimum(tf.div(epsilon, tf.add(imageNorms(offset), TINY)), 1);
  return tf.clipByValue(tf.add<tf.Tensor4D>(centre, tf.mul(offset, share)), 0, 1);
}

/**
 * One ascent step of Euclidean length `stepSize` along g/(‖g‖ + tiny); none where the gradient g is zero.
 * @param tiny gradients not much longer than this make shorter steps
 */
export function directionStep(
  images: tf.Tensor4D,
  gradient: tf.Tensor4D,
  stepSize: number | tf.Tensor,
  tiny: number,
): tf.Tensor4D {
  const direction = tf.div(gradient, tf.add(imageNorms(gradient), tiny));
  return tf.add(images, tf.mul(direction, stepSize));
}
