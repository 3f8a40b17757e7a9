// The difference-of-logits ratio and its targeted form (Croce & Hein 2020, "Reliable evaluation", eqs. 6 and 7).
import * as tf from '@tensorflow/tfjs-core';
import type { ImageLoss } from './attack-loss.ts';
import { TooFewClassesError } from './errors.ts';
import { hideClass, pickLogits, rankedClasses, strongestClass } from './ranked-classes.ts';

/** Keeps the ratio finite where the compared logits are equal. */
const TINY = 1e-12;

/** numerator/denominator of logits, both linear in them once their order is known, so that the gradient is exact. */
interface LogitRatio {
  /** Rows whose scalar product with the logits is the numerator. */
  readonly over: tf.Tensor2D;
  readonly under: tf.Tensor2D;
}

function ratioLoss(name: string, fewest: number, ratioOf: (z: tf.Tensor2D, y: tf.Tensor2D) => LogitRatio): ImageLoss {
  const parts = (logits: tf.Tensor2D, oneHot: tf.Tensor2D) => {
    if (logits.shape[1] < fewest) throw new TooFewClassesError(name, logits.shape[1], fewest);
    const { over, under } = ratioOf(logits, oneHot);
    const denominator = tf.add(pickLogits(logits, under), TINY) as tf.Tensor1D;
    return { over, under, denominator, value: tf.div(pickLogits(logits, over), denominator) as tf.Tensor1D };
  };
  return {
    values: (logits, oneHot) => tf.tidy(() => parts(logits, oneHot).value),
    gradient: (logits, oneHot) =>
      tf.tidy(() => {
        const { over, under, denominator, value } = parts(logits, oneHot);
        return tf.div(tf.sub(over, tf.mul(under, tf.expandDims(value, 1))), tf.expandDims(denominator, 1));
      }),
  };
}

/** −(z_y − max_{k≠y} z_k) / (z_(1) − z_(3) + 1e-12); throws TooFewClassesError below three classes. */
export const dlrLoss: ImageLoss = ratioLoss('dlr', 3, (logits, oneHot) => {
  const [first, , third] = rankedClasses(logits, 3);
  return { over: tf.sub(strongestClass(hideClass(logits, oneHot)), oneHot), under: tf.sub(first, third) };
});

/**
 * −(z_y − z_t) / (z_(1) − ½(z_(3) + z_(4)) + 1e-12); throws TooFewClassesError below four classes.
 * @param targets the class t of every image as one-hot rows [images, classes]
 */
export function targetedDlrLoss(targets: tf.Tensor2D): ImageLoss {
  return ratioLoss('targeted dlr', 4, (logits, oneHot) => {
    const [first, , third, fourth] = rankedClasses(logits, 4);
    return { over: tf.sub(targets, oneHot), under: tf.sub(first, tf.mul(tf.add(third, fourth), 0.5)) };
  });
}
