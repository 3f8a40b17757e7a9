// Adam (Kingma & Ba 2015) as torch.optim.Adam computes it: weight decay joins the gradient, epsilon joins the corrected root.
import { ADAM_STEP, adamStep, isServed } from '@reseed/fused-kernels';
import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer, OptimizerSettings, OptimizerState } from './optimizer.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** @param saved to go on from; its moments are this optimiser's from now on */
export function createAdam(
  { weightDecay }: Pick<OptimizerSettings, 'weightDecay'>,
  size: number,
  saved?: OptimizerState,
): Optimizer {
  const zeros = () => tf.zeros([size]) as tf.Tensor1D;
  let [first, second] = saved?.moments ?? [zeros(), zeros()];
  let steps = saved?.steps ?? 0;
  return {
    update(weights, gradient, learningRate) {
      steps++;
      const correction1 = 1 - BETA1 ** steps;
      const correction2 = Math.sqrt(1 - BETA2 ** steps);
      const [nextWeights, nextFirst, nextSecond] = tf.tidy(() => {
        if (isServed(ADAM_STEP)) {
          const attrs = { beta1: BETA1, beta2: BETA2, correction: correction2, epsilon: EPSILON, weightDecay };
          return adamStep({ weights, gradient, first, second }, { ...attrs, rate: learningRate / correction1 });
        }
        const g = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weights, weightDecay));
        const m = tf.add(first, tf.mul(tf.sub(g, first), 1 - BETA1));
        const v = tf.add(tf.mul(second, BETA2), tf.mul(tf.square(g), 1 - BETA2));
        const root = tf.add(tf.div(tf.sqrt(v), correction2), EPSILON);
        return [tf.sub(weights, tf.mul(tf.div(m, root), learningRate / correction1)), m, v];
      }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
      tf.dispose([first, second]);
      first = tf.keep(nextFirst);
      second = tf.keep(nextSecond);
      return nextWeights;
    },
    get state() {
      return { steps, moments: [first, second] };
    },
    dispose() {
      tf.dispose([first, second]);
    },
  };
}
