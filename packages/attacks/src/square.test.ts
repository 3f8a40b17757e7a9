// Square: its schedule, and that its best point only gets better and never leaves the ball.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { insideBall } from './ball.ts';
import { batchOf, randomRun } from './random-network.ts';
import { searchSquares, shareAt } from './square.ts';

const PARAMETERS = { queries: 60, restarts: 1, squareShare: 0.8 };

beforeAll(async () => {
  await tf.setBackend('cpu');
});

it('halves the share of the square after 10, 50, 200, … iterations', () => {
  const shares = [0, 10, 11, 50, 51, 200, 201, 501, 1001, 2001, 4001, 6001, 8001].map((i) => 0.8 / shareAt(i, 0.8));
  expect(shares).toEqual([1, 1, 2, 2, 4, 4, 8, 16, 32, 64, 128, 256, 512]);
});

it.each(['Linf', 'L2'] as const)('%s: the margin only falls, inside the ball', async (norm) => {
  const epsilon = norm === 'Linf' ? 0.05 : 0.4;
  const batch = batchOf(randomRun(21, 8, { norm, epsilon, seed: 4 }));
  const margins = new Map<number, number[]>();
  const before = tf.memory().numTensors;
  const found = await searchSquares(batch, PARAMETERS, 0, {
    margin: (image, margin) => margins.set(image, [...(margins.get(image) ?? []), margin]),
  });
  expect(tf.memory().numTensors).toBe(before + 1);
  const [points, clean] = [found, batch.images].map((tensor) => tensor.dataSync() as Float32Array);
  const size = points.length / 8;
  let queries = 0;
  for (let i = 0; i < 8; i++) {
    const seen = margins.get(i) ?? [];
    queries += seen.length;
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    const [point, image] = [points, clean].map((values) => values.subarray(i * size, (i + 1) * size));
    expect(insideBall(point, image, norm, epsilon)).toBe(true);
  }
  expect(queries).toBeGreaterThan(60);
});
