// The tiny network, images and attacks' results that PyTorch and the authors' code of AutoAttack computed: tests compare with them.
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { apgd, type ApgdResult } from './apgd.ts';
import type { Norm } from './ball.ts';
import { getLoss } from './image-loss.ts';
import type { Logits } from './input-gradient.ts';

interface ApgdGolden {
  readonly x_best: readonly number[];
  readonly acc: readonly boolean[];
  readonly loss_best: readonly number[];
  readonly x_best_adv: readonly number[];
}

interface Golden {
  readonly net: Readonly<Record<'W1' | 'W2' | 'b1' | 'b2', number[]> & Record<'D' | 'C' | 'B' | 'hidden', number>>;
  readonly x: number[];
  readonly y: number[];
  readonly delta0: number[];
  readonly trades: { readonly kl: number };
  readonly [name: string]: unknown;
}

export const golden = JSON.parse(
  readFileSync(new URL('../golden/training_math.json', import.meta.url), 'utf8'),
) as Golden;

export function goldenValues(name: string): readonly number[] {
  return golden[name] as readonly number[];
}

export interface ApgdCase {
  readonly loss: 'ce' | 'dlr';
  readonly norm: Norm;
}

export const apgdCases: readonly ApgdCase[] = [
  { loss: 'ce', norm: 'Linf' },
  { loss: 'ce', norm: 'L2' },
  { loss: 'dlr', norm: 'Linf' },
  { loss: 'dlr', norm: 'L2' },
];

const APGD_EPSILON: Readonly<Record<Norm, number>> = { Linf: 0.1, L2: 0.5 };

export function goldenApgd({ loss, norm }: ApgdCase): ApgdGolden {
  return golden[`apgd_${loss} ${norm} eps=${APGD_EPSILON[norm]} n_iter=20 x_init=clip(x+delta0)`] as ApgdGolden;
}

/** The same run as the golden one's. */
export function runApgd(
  { logits, images, oneHot, noise }: GoldenNetwork,
  { loss, norm }: ApgdCase,
): Promise<ApgdResult> {
  const threat = { norm, epsilon: APGD_EPSILON[norm] };
  return apgd({ logits, images, oneHot, loss: getLoss(loss), threat, iterations: 20, noise, border: async () => {} });
}

/** The largest difference, relative where the value is above 1: DLR reaches 71 where its denominator is 0.02. */
export function largestError(actual: tf.Tensor, expected: readonly number[]): number {
  const values = actual.dataSync();
  if (values.length !== expected.length) return Number.NaN;
  return Math.max(...expected.map((value, i) => Math.abs(value - values[i]) / Math.max(1, Math.abs(value))));
}

/** Its images are 1 × 12 × 1. */
export interface GoldenNetwork {
  readonly logits: Logits;
  readonly classes: number;
  readonly images: tf.Tensor4D;
  readonly labels: Int32Array;
  readonly oneHot: tf.Tensor2D;
  readonly noise: tf.Tensor4D;
}

export function goldenNetwork(): GoldenNetwork {
  const { D, C, B, hidden, W1, W2, b1, b2 } = golden.net;
  const [w1, w2] = [tf.tensor2d(W1, [hidden, D]), tf.tensor2d(W2, [C, hidden])];
  const [firstBias, secondBias] = [tf.tensor1d(b1), tf.tensor1d(b2)];
  return {
    logits: (x) => {
      const flat = tf.reshape(x, [x.shape[0], -1]) as tf.Tensor2D;
      const activations = tf.relu(tf.add(tf.matMul(flat, w1, false, true), firstBias)) as tf.Tensor2D;
      return tf.add(tf.matMul(activations, w2, false, true), secondBias);
    },
    classes: C,
    images: tf.tensor4d(golden.x, [B, 1, D, 1]),
    labels: Int32Array.from(golden.y),
    oneHot: tf.oneHot(golden.y, C, 1, 0, 'float32') as tf.Tensor2D,
    noise: tf.tensor4d(golden.delta0, [B, 1, D, 1]),
  };
}
