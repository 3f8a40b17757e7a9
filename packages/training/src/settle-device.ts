// Waits for a device that computes behind the caller's back, as GPUs do.
import * as tf from '@tensorflow/tfjs-core';

/** Resolves when everything that was asked of the backend so far is computed: reads one number, computed after it. */
export async function settleDevice(): Promise<void> {
  const last = tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(1)));
  await last.data();
  last.dispose();
}
