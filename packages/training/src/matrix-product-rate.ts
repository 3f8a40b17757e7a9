// The rate at which the open backend multiplies large float32 matrices: the roof that a training step is held against.
import * as tf from '@tensorflow/tfjs-core';
import { settleDevice } from './settle-device.ts';

const FIRST_SIDE = 1024;
const LARGEST_SIDE = 8192;
const REPEATS = 5;
/** While a product takes less, in seconds, twice the side may come closer to the roof. */
const LONG_ENOUGH = 0.03;

/**
 * Operations per second (2·n³ for a product of n×n matrices) of the fastest of several products, n = 1024 and, where that
 * is over too soon, 2048 and so on.
 */
export async function matrixProductRate(): Promise<number> {
  let best = 0;
  for (let side = FIRST_SIDE; side <= LARGEST_SIDE; side *= 2) {
    const seconds = await fastestProduct(side);
    best = Math.max(best, (2 * side ** 3) / seconds);
    if (seconds > LONG_ENOUGH) break;
  }
  return best;
}

/** In seconds; the first product, which plans and allocates, does not count. */
async function fastestProduct(side: number): Promise<number> {
  const [a, b] = [tf.fill([side, side], 0.5), tf.fill([side, side], 0.25)] as [tf.Tensor2D, tf.Tensor2D];
  let fastest = Number.POSITIVE_INFINITY;
  try {
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      await settleDevice();
      const started = performance.now();
      const product = tf.matMul(a, b);
      await settleDevice();
      const seconds = (performance.now() - started) / 1000;
      product.dispose();
      if (repeat > 0) fastest = Math.min(fastest, seconds);
    }
    return fastest;
  } finally {
    tf.dispose([a, b]);
  }
}
