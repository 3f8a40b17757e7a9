// Small networks with random weights, on which tests hold attacks to their promises.
import { NumpyRandomState } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import type { AttackBatch, Threat } from './attack-batch.ts';
import type { Logits } from './input-gradient.ts';
import type { AttackRun } from './run-stages.ts';

const [HEIGHT, WIDTH, CHANNELS] = [6, 5, 2];
const SIZE = HEIGHT * WIDTH * CHANNELS;
const HIDDEN = 16;
export const CLASSES = 5;

function normalMatrix(stream: NumpyRandomState, rows: number, columns: number, deviation: number): tf.Tensor2D {
  const values = stream.fillStandardNormal(new Float32Array(rows * columns)).map((value) => value * deviation);
  return tf.tensor2d(values, [rows, columns]);
}

/** Two layers whose logits of images in [0, 1] are a few units apart. */
export function randomNetwork(seed: number): Logits {
  const stream = new NumpyRandomState(seed);
  const first = normalMatrix(stream, SIZE, HIDDEN, 0.4);
  const second = normalMatrix(stream, HIDDEN, CLASSES, 0.5);
  return (images) => {
    const flat = tf.reshape(tf.sub(images, 0.5), [images.shape[0], SIZE]) as tf.Tensor2D;
    return tf.matMul(tf.relu(tf.matMul(flat, first)), second);
  };
}

/** Images of which some pixels are exactly 0 or 1. */
export function randomImages(seed: number, count: number): tf.Tensor4D {
  const pixels = new NumpyRandomState(seed).fillUniform(new Float32Array(count * SIZE), -0.2, 1.2);
  return tf.tensor4d(
    pixels.map((value) => Math.min(Math.max(value, 0), 1)),
    [count, HEIGHT, WIDTH, CHANNELS],
  );
}

/** Images of which about one in five is misclassified; the labels of the others are what the network says. */
export function randomRun(seed: number, count: number, threat: Threat): AttackRun & { readonly labels: Int32Array } {
  const logits = randomNetwork(seed);
  const images = randomImages(seed + 1, count);
  const predicted = tf.tidy(() => tf.argMax(logits(images), 1).dataSync());
  const labels = Int32Array.from(predicted, (label, i) => (i % 5 === 4 ? (label + 1) % CLASSES : label));
  return { logits, images, labels, threat };
}

export function batchOf({ logits, images, threat, labels }: ReturnType<typeof randomRun>): AttackBatch {
  const positions = Int32Array.from(labels.keys());
  return { logits, classes: CLASSES, images, labels, positions, threat, border: async () => {} };
}
