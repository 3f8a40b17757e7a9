// TRADES, MART and adversarial weight perturbation against the numbers that PyTorch computed with the authors' code.
import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { perturbWeights } from './adversarial-weights.ts';
import { martLoss, tradesLoss, type TwoPasses } from './robust-losses.ts';
import { lossGradients, meanCrossEntropy, weightGradients } from './training-loss.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/training_math.json', import.meta.url), 'utf8'));
const { D, C, B, hidden } = golden.net as { D: number; C: number; B: number; hidden: number };
const SHAPES = [[hidden, D], [hidden], [C, hidden], [C]];

function forward(weights: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor2D {
  const [w1, b1, w2, b2] = weights as [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor1D];
  const activations = tf.relu(tf.add(tf.matMul(x as tf.Tensor2D, w1, false, true), b1)) as tf.Tensor2D;
  return tf.add(tf.matMul(activations, w2, false, true), b2);
}

let weights: tf.Tensor[];
let oneHot: tf.Tensor2D;
let images: tf.Tensor2D;
let examples: tf.Tensor2D;
let passes: TwoPasses;
beforeAll(async () => {
  await tf.setBackend('cpu');
  weights = ['W1', 'b1', 'W2', 'b2'].map((name, i) => tf.tensor(golden.net[name], SHAPES[i]));
  oneHot = tf.oneHot(golden.y as number[], C, 1, 0, 'float32') as tf.Tensor2D;
  images = tf.tensor2d(golden.x, [B, D]);
  examples = tf.tensor2d(golden['x_adv for losses'], [B, D]);
  passes = { natural: forward(weights, images), adversarial: forward(weights, examples) };
});
const value = (loss: tf.Scalar): number => loss.dataSync()[0];

describe('TRADES', () => {
  it('is the clean cross-entropy plus β times the divergence', () => {
    const { ce, kl, beta6 } = golden.trades;
    expect(value(tradesLoss(passes, oneHot, 0))).toBeCloseTo(ce, 5);
    expect(value(tradesLoss(passes, oneHot, 1)) - ce).toBeCloseTo(kl, 5);
    expect(value(tradesLoss(passes, oneHot, 6))).toBeCloseTo(beta6, 5);
  });
});

describe('MART', () => {
  it('is the boosted cross-entropy plus β times the weighted divergence', () => {
    const { bce, reg, beta5, beta6 } = golden.mart;
    expect(value(martLoss(passes, oneHot, 0))).toBeCloseTo(bce, 5);
    expect(value(martLoss(passes, oneHot, 1)) - bce).toBeCloseTo(reg, 5);
    expect(value(martLoss(passes, oneHot, 5))).toBeCloseTo(beta5, 5);
    expect(value(martLoss(passes, oneHot, 6))).toBeCloseTo(beta6, 5);
  });
});

describe('gradients of a loss', () => {
  it('are those of weightGradients for the cross-entropy', () => {
    const fast = weightGradients((w) => forward(w, examples), weights, oneHot);
    const general = lossGradients((w) => {
      const logits = forward(w, examples);
      return { loss: meanCrossEntropy(logits, oneHot), logits };
    }, weights);
    expect(general.logits.dataSync()).toEqual(fast.logits.dataSync());
    general.gradients.forEach((gradient, i) => {
      const difference = tf.max(tf.abs(tf.sub(gradient, fast.gradients[i]))).dataSync()[0];
      expect(difference).toBeLessThan(1e-6);
    });
  });

  it.each(['trades', 'mart'] as const)('of %s agree with finite differences', (method) => {
    const lossOf = (w: readonly tf.Tensor[]) => {
      const two = { natural: forward(w, images), adversarial: forward(w, examples) };
      return { loss: (method === 'trades' ? tradesLoss : martLoss)(two, oneHot, 6), logits: two.adversarial };
    };
    const { gradients } = lossGradients(lossOf, weights);
    const step = 1e-3;
    const moved = (tensor: number, at: number, by: number) =>
      value(
        lossOf(
          weights.map((weight, i) => {
            if (i !== tensor) return weight;
            const values = weight.dataSync().slice();
            values[at] += by;
            return tf.tensor(values, weight.shape);
          }),
        ).loss,
      );
    for (const [tensor, at] of [
      [0, 40],
      [1, 3],
      [2, 7],
      [3, 0],
      [3, 4],
    ]) {
      const numeric = (moved(tensor, at, step) - moved(tensor, at, -step)) / (2 * step);
      expect(gradients[tensor].dataSync()[at]).toBeCloseTo(numeric, 2);
    }
  });
});

describe('adversarial weight perturbation', () => {
  it('moves matrices up the loss by a share of their norm, and leaves biases', () => {
    const { diff_W1, W1_perturbed } = golden['awp gamma=.01 proxy_lr=.01'];
    const pack = (tensors: readonly tf.Tensor[]) => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1])));
    const { gradients } = weightGradients((w) => forward(w, examples), weights, oneHot);
    const perturbed = perturbWeights(pack(weights), pack(gradients), SHAPES, 0.01).dataSync();
    const before = pack(weights).dataSync();
    const of = (values: ArrayLike<number>, i: number) => values[i];
    (W1_perturbed as number[]).forEach((expected, i) => expect(of(perturbed, i)).toBeCloseTo(expected, 5));
    (diff_W1 as number[]).forEach((expected, i) => {
      expect((of(perturbed, i) - of(before, i)) / 0.01).toBeCloseTo(expected, 3);
    });
    const bias = hidden * D;
    expect([...perturbed.slice(bias, bias + hidden)]).toEqual([...before.slice(bias, bias + hidden)]);
    const norm = (values: Float32Array) => Math.hypot(...values);
    const moved = Float32Array.from(before.slice(0, bias), (weight, i) => perturbed[i] - weight);
    expect(norm(moved) / norm(before.slice(0, bias) as Float32Array)).toBeCloseTo(0.01, 5);
  });

  it('stands still where there is no direction', () => {
    const flat = tf.tensor1d([1, 2, 3, 4]);
    expect([...perturbWeights(flat, tf.zeros([4]), [[2, 2]], 0.5).dataSync()]).toEqual([1, 2, 3, 4]);
  });
});
