// APGD's whole trajectory in double precision, as the golden one was computed: in float32 rounding decides some of its turns.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { apgdCases, goldenApgd, goldenNetwork, largestError, type GoldenNetwork, runApgd } from './golden-network.ts';

function expectClose(actual: tf.Tensor, expected: readonly number[]): void {
  expect(largestError(actual, expected)).toBeLessThan(1e-5);
}

let net: GoldenNetwork;

beforeAll(async () => {
  // The plain cpu backend computes in doubles and rounds only when it stores: with wider arrays it never rounds.
  vi.stubGlobal('Float32Array', Float64Array);
  await tf.setBackend('cpu');
  net = goldenNetwork();
});
afterAll(() => {
  vi.unstubAllGlobals();
});

it.each(apgdCases)('APGD on $loss in $norm', async (given) => {
  const found = await runApgd(net, given);
  const expected = goldenApgd(given);
  expect(found.best.dataSync()).toBeInstanceOf(Float64Array);
  expect([...found.correct.dataSync()]).toEqual(expected.acc.map(Number));
  expectClose(found.bestLoss, expected.loss_best);
  expectClose(found.best, expected.x_best);
  expectClose(found.adversarial, expected.x_best_adv);
});
