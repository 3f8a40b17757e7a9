// Optimisers, schedules and the loss against the numbers that PyTorch computed.
import { readFileSync } from 'node:fs';
import type { Condition } from '@reseed/experiment';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { AveragedWeights } from './averaged-weights.ts';
import { createOptimizer } from './create-optimizer.ts';
import { warmupShare } from './epsilon-warmup.ts';
import { learningRateAt } from './learning-rate.ts';
import type { OptimizerSettings } from './optimizer.ts';
import { meanCrossEntropy, smoothLabels } from './training-loss.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/training_math.json', import.meta.url), 'utf8'));

function distance(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i])));
}

beforeAll(() => tf.setBackend('cpu'));

describe('optimisers', () => {
  const settings = (given: Partial<OptimizerSettings>): OptimizerSettings => ({
    name: 'sgd',
    learningRate: 0.1,
    momentum: 0.9,
    nesterov: false,
    weightDecay: 5e-4,
    ...given,
  });
  it.each<[string, OptimizerSettings]>([
    ['sgd lr=.1 mom=.9 wd=5e-4', settings({})],
    ['sgd nesterov lr=.1 mom=.9 wd=5e-4', settings({ nesterov: true })],
    ['adam lr=1e-3 eps=1e-8', settings({ name: 'adam', learningRate: 1e-3, momentum: 0, weightDecay: 0 })],
  ])('%s', (name, chosen) => {
    const before = tf.memory().numTensors;
    const optimizer = createOptimizer(chosen, 3);
    let weights = tf.tensor1d(golden.optim.p0);
    for (const [step, values] of (golden.optim.grads as number[][]).entries()) {
      const gradient = tf.tensor1d(values);
      const next = optimizer.update(weights, gradient, chosen.learningRate);
      tf.dispose([weights, gradient]);
      weights = next;
      expect(distance(weights.dataSync(), golden.optim[name][step])).toBeLessThan(1e-5);
    }
    weights.dispose();
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('adam adds weight decay to the gradient', () => {
    const decayed = createOptimizer(settings({ name: 'adam', weightDecay: 0.5 }), 2);
    const plain = createOptimizer(settings({ name: 'adam', weightDecay: 0 }), 2);
    const weights = tf.tensor1d([1, -2]);
    const a = decayed.update(weights, tf.tensor1d([0.1, 0.2]), 0.01).dataSync();
    const b = plain.update(weights, tf.tensor1d([0.1 + 0.5, 0.2 - 1]), 0.01).dataSync();
    expect(distance(a, [...b])).toBeLessThan(1e-7);
  });

  it('sgd without momentum is w − lr·g', () => {
    const optimizer = createOptimizer(settings({ momentum: 0, weightDecay: 0 }), 2);
    const next = optimizer.update(tf.tensor1d([1, 2]), tf.tensor1d([0.5, -0.5]), 0.1);
    expect(distance(next.dataSync(), [0.95, 2.05])).toBeLessThan(1e-7);
  });
});

describe('learning rate', () => {
  const schedule = (given: Partial<Condition['schedule']>): Condition['schedule'] => ({
    name: 'constant',
    milestones: [0.5, 0.75],
    factor: 0.1,
    peak: 0.5,
    ...given,
  });
  const cases: [string, number, Condition['schedule']][] = [
    ['rice_piecewise lr_max=.1 E=100', 0.1, schedule({ name: 'piecewise' })],
    ['cosine lr_max=.1 E=100', 0.1, schedule({ name: 'cosine' })],
    ['rice_linear lr_max=.1 E=100', 0.1, schedule({ name: 'linear' })],
    ['cyclic_triangle lr_max=.2 T=100 (Wong)', 0.2, schedule({ name: 'cyclic' })],
    ['rice_superconverge/cyclic lr_max=.2 E=100', 0.2, schedule({ name: 'cyclic', peak: 0.4 })],
  ];

  it.each(cases)('%s', (name, base, chosen) => {
    const rates = (golden.lr.t as number[]).map((t) => learningRateAt(chosen, base, t, 100));
    expect(distance(rates, golden.lr[name])).toBeLessThan(1e-9);
  });

  it('has a schedule for every golden entry', () => {
    expect(cases.map(([name]) => name).sort()).toEqual(
      Object.keys(golden.lr)
        .filter((name) => name !== 't')
        .sort(),
    );
  });

  it('constant stays, and a milestone counts from its own step on despite rounding', () => {
    expect(learningRateAt(schedule({}), 0.3, 99, 100)).toBe(0.3);
    const at55 = schedule({ name: 'piecewise', milestones: [0.55] });
    expect([54, 55].map((step) => learningRateAt(at55, 1, step, 100))).toEqual([1, 0.1]);
  });
});

describe('epsilon warm-up', () => {
  it('is (t + 1) / (f·T) up to 1, and off at fraction 0', () => {
    expect([0, 1, 38, 39, 40, 99].map((t) => warmupShare(0.4, t, 100))).toEqual([1 / 40, 2 / 40, 39 / 40, 1, 1, 1]);
    expect(warmupShare(0, 0, 100)).toBe(1);
  });

  it('never falls, never leaves (0, 1], and is full at the end', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fraction, fc.integer({ min: 1, max: 500 }), (share, total) => {
        const shares = Array.from({ length: total }, (_, step) => warmupShare(share, step, total));
        expect(shares).toEqual([...shares].sort((a, b) => a - b));
        expect(shares[0]).toBeGreaterThan(0);
        expect(shares[total - 1]).toBe(1);
      }),
    );
  });
});

describe('mean cross-entropy', () => {
  it('equals PyTorch’s and has the gradient (softmax − onehot) / n', () => {
    const logits = tf.tensor2d(golden.logits, [6, 5]);
    const oneHot = tf.oneHot(golden.y as number[], 5, 1, 0, 'float32') as tf.Tensor2D;
    const { value, grad } = tf.valueAndGrad((z) => meanCrossEntropy(z as tf.Tensor2D, oneHot))(logits);
    const mean = (golden.ce as number[]).reduce((sum, loss) => sum + loss) / 6;
    expect(distance(value.dataSync(), [mean])).toBeLessThan(1e-5);
    const expected = tf.div(tf.sub(tf.softmax(logits), oneHot), 6).dataSync();
    expect(distance(grad.dataSync(), [...expected])).toBeLessThan(1e-7);
  });

  it('with smoothed labels equals PyTorch’s label_smoothing, and is hard at 0', () => {
    const logits = tf.tensor2d(golden.logits, [6, 5]);
    const oneHot = tf.oneHot(golden.y as number[], 5, 1, 0, 'float32') as tf.Tensor2D;
    const perImage = (golden.logits as number[][] | number[]).flat().length / 5;
    const losses = Array.from({ length: perImage }, (_, i) => {
      const row = tf.slice(logits, [i, 0], [1, 5]) as tf.Tensor2D;
      return meanCrossEntropy(row, smoothLabels(tf.slice(oneHot, [i, 0], [1, 5]) as tf.Tensor2D, 0.1)).dataSync()[0];
    });
    expect(distance(losses, golden['label_smoothing .1'])).toBeLessThan(1e-5);
    expect(smoothLabels(oneHot, 0)).toBe(oneHot);
  });
});

describe('weight averaging', () => {
  it.each<[string, number, number]>([
    ['tau=.995 dynamic warmup=0', 0.995, 0],
    ['tau=.995 dynamic warmup=5', 0.995, 5 / 14],
  ])('%s', (name, decay, startFraction) => {
    const expected = golden['ema params(step s)=s+1'][name] as number[];
    const before = tf.memory().numTensors;
    const initial = tf.tensor1d([0]);
    const average = new AveragedWeights({ decay, startFraction }, expected.length, initial);
    const averages = expected.map((_, step) => {
      const weights = tf.tensor1d([step + 1]);
      average.update(weights, step);
      weights.dispose();
      return average.weights.dataSync()[0];
    });
    expect(distance(averages, expected)).toBeLessThan(1e-5);
    tf.dispose(initial);
    average.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('follows the weights at once when the decay is small, and never faster than its warm-up allows', () => {
    const average = new AveragedWeights({ decay: 0.05, startFraction: 0 }, 10, tf.tensor1d([0]));
    average.update(tf.tensor1d([1]), 0);
    expect(average.weights.dataSync()[0]).toBeCloseTo(0.95, 6);
    average.dispose();
  });
});
