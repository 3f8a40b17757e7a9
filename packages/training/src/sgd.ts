// SGD with momentum as torch.optim.SGD computes it: v = μ·v + (g + λ·w), first v = g + λ·w; Nesterov steps along g + λ·w + μ·v.
import { isServed, SGD_STEP, sgdStep } from '@reseed/fused-kernels';
import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer, OptimizerSettings, OptimizerState } from './optimizer.ts';

/** @param saved to go on from; its velocity is this optimiser's from now on */
export function createSgd(
  { momentum, nesterov, weightDecay }: Pick<OptimizerSettings, 'momentum' | 'nesterov' | 'weightDecay'>,
  saved?: OptimizerState,
): Optimizer {
  let velocity = saved?.moments[0];
  let steps = saved?.steps ?? 0;
  return {
    update(weights, gradient, learningRate) {
      steps++;
      const attrs = { learningRate, momentum, weightDecay, nesterov };
      const [nextWeights, nextVelocity] = tf.tidy(() => {
        if (momentum !== 0 && isServed(SGD_STEP))
          return sgdStep({ weights, gradient, ...(velocity === undefined ? {} : { velocity }) }, attrs);
        const g = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weights, weightDecay));
        if (momentum === 0) return [tf.sub(weights, tf.mul(g, learningRate))];
        const v = velocity === undefined ? tf.clone(g) : tf.add(tf.mul(velocity, momentum), g);
        const direction = nesterov ? tf.add(g, tf.mul(v, momentum)) : v;
        return [tf.sub(weights, tf.mul(direction, learningRate)), v];
      }) as [tf.Tensor1D, tf.Tensor1D?];
      velocity?.dispose();
      velocity = nextVelocity === undefined ? undefined : tf.keep(nextVelocity);
      return nextWeights;
    },
    get state() {
      return { steps, moments: velocity === undefined ? [] : [velocity] };
    },
    dispose() {
      velocity?.dispose();
    },
  };
}
