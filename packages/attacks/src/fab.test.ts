// FAB against a linear classifier, whose nearest misclassified points are known, and its projection against a search.
import { NumpyRandomState } from '@reseed/rng';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Norm, distance } from './ball.ts';
import { nearestBoundaryPoints } from './fab.ts';
import { projectOntoHyperplane } from './project-hyperplane.ts';

const [IMAGES, SIZE] = [6, 20];
const PARAMETERS = { steps: 100, restarts: 1, targets: 1, alphaMax: 0.1, eta: 1.05, beta: 0.9 };
const NORMS = ['Linf', 'L2'] as const;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function norms(values: Float32Array): Readonly<Record<Norm, number>> {
  return { Linf: values.reduce((most, v) => Math.max(most, Math.abs(v)), 0), L2: Math.hypot(...values) };
}

/** The norm that measures what a move in the other gains. */
function dualNorm(values: Float32Array, norm: Norm): number {
  return norm === 'Linf' ? values.reduce((sum, v) => sum + Math.abs(v), 0) : norms(values).L2;
}

describe('a linear classifier', () => {
  it.each(NORMS)('%s: finds the nearest points of the other class', async (norm) => {
    const stream = new NumpyRandomState(11);
    const weights = stream.fillStandardNormal(new Float32Array(SIZE));
    const pixels = stream.fillUniform(new Float32Array(IMAGES * SIZE), 0.4, 0.6);
    const column = tf.tensor2d(weights, [SIZE, 1]);
    // Logits (s, −s): the boundary is s = 0, where the sum of w·(x − ½) is.
    const scores = (x: tf.Tensor4D) => tf.matMul(tf.reshape(tf.sub(x, 0.5), [-1, SIZE]) as tf.Tensor2D, column);
    const logits = (x: tf.Tensor4D) => tf.concat([scores(x), tf.neg(scores(x))], 1) as tf.Tensor2D;
    const images = tf.tensor4d(pixels, [IMAGES, 1, SIZE, 1]);
    const score = scores(images).dataSync();
    const labels = Int32Array.from(score, (value) => (value > 0 ? 0 : 1));
    const batch = {
      logits,
      classes: 2,
      images,
      labels,
      positions: Int32Array.from(labels.keys()),
      threat: { norm, epsilon: 1, seed: 0 },
      border: async () => {},
    };
    const before = tf.memory().numTensors;
    const found = await nearestBoundaryPoints(
      batch,
      labels.map((label) => 1 - label),
      PARAMETERS,
      'zero',
    );
    expect(tf.memory().numTensors).toBe(before + 1);
    const points = found.dataSync() as Float32Array;
    const side = scores(found).dataSync();
    for (let i = 0; i < IMAGES; i++) {
      expect(Math.sign(side[i])).toBe(-Math.sign(score[i]));
      const [point, image] = [points, pixels].map((values) => values.subarray(i * SIZE, (i + 1) * SIZE));
      const shortest = Math.abs(score[i]) / dualNorm(weights, norm);
      const length = distance(point, image, norm);
      expect(length / shortest).toBeGreaterThan(1 - 1e-4);
      expect(length / shortest).toBeLessThan(1.01);
    }
  });
});

describe('projectOntoHyperplane', () => {
  /** Moves by λ along the optimal path, λ found by halving: slow and plain. */
  function searched(norm: Norm, point: Float32Array, normal: Float32Array, residual: number): number[] {
    const moveAt = (reach: number) =>
      Array.from(point, (pixel, i) => {
        const slope = normal[i] * residual;
        const room = slope > 0 ? pixel : 1 - pixel;
        return -Math.sign(slope) * Math.min(reach * (norm === 'Linf' ? 1 : Math.abs(normal[i])), room);
      });
    const left = (reach: number) => residual + moveAt(reach).reduce((sum, move, i) => sum + move * normal[i], 0);
    let [low, high] = [0, 1e6];
    for (let i = 0; i < 200; i++) {
      const middle = (low + high) / 2;
      if (left(middle) * residual > 0) low = middle;
      else high = middle;
    }
    return moveAt(high);
  }

  it.each(NORMS)('%s: is the shortest move onto the hyperplane inside the box', (norm) => {
    for (let seed = 0; seed < 200; seed++) {
      const stream = new NumpyRandomState(seed);
      const point = stream.fillUniform(new Float32Array(8), -0.3, 1.3).map((v) => Math.min(Math.max(v, 0), 1));
      const normal = stream.fillStandardNormal(new Float32Array(8)).map((v) => (Math.abs(v) < 0.2 ? 0 : v));
      const residual = stream.uniform(-3, 3);
      const move = new Float64Array(8);
      const length = projectOntoHyperplane({ norm, point, normal, residual }, move);
      const expected = searched(norm, point, normal, residual);
      expect(length, `seed ${seed}`).toBeCloseTo(norms(Float32Array.from(expected))[norm], 5);
      for (let i = 0; i < 8; i++) expect(move[i], `seed ${seed}`).toBeCloseTo(expected[i], 9);
    }
  });

  it('does not move a point on the hyperplane, nor along a zero normal', () => {
    const point = Float32Array.of(0.2, 0.9);
    const move = new Float64Array(2);
    expect(projectOntoHyperplane({ norm: 'L2', point, normal: Float32Array.of(1, 1), residual: 0 }, move)).toBe(0);
    expect(projectOntoHyperplane({ norm: 'Linf', point, normal: Float32Array.of(0, 0), residual: 1 }, move)).toBe(0);
    expect([...move]).toEqual([0, 0]);
  });
});
