// The gates on a real small model, which they let pass, and on the same model with its gradients hidden.
import type { Logits } from '@reseed/attacks';
import type { MaskingGate } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { assessWeights } from './assess-weights.ts';
import { openBackend } from './backend.ts';
import { createBatchBorder } from './batch-border.ts';
import { type LearntDigits, learnDigits } from './learnt-digits.ts';
import { type GateOptions, measureGates } from './masking-measurements.ts';
import { type Given, smallSpec } from './recorded-run.ts';

const IMAGES = 40;
let digits: LearntDigits;
let other: LearntDigits;

beforeAll(async () => {
  await openBackend({ device: 'cpu' });
  digits = await learnDigits(IMAGES);
  other = await learnDigits(IMAGES, 5);
});

function optionsOf(given: Given = {}, logits: Logits = digits.logits): GateOptions {
  const { condition } = smallSpec({ evaluation: { epsilon: 0.03, gates: true }, ...given });
  const { data } = digits;
  const border = createBatchBorder(undefined);
  return { logits, source: data.test, facts: data, condition, seed: 7, weights: 'final', border };
}

const failedIn = (gates: readonly MaskingGate[]): string[] =>
  gates.filter(({ passed }) => !passed).map(({ gate }) => gate);

const NAMES = [
  'falls-with-epsilon',
  'chance-at-large-epsilon',
  'more-steps-no-weaker',
  'pgd-no-weaker-than-fgsm',
  'ce-and-cw-agree',
  'restarts-change-little',
  'square-no-stronger',
  'noise-hurts-less',
  'gradients-not-zero',
  'loss-rises',
];

describe.each([
  { attack: { norm: 'linf' }, evaluation: { epsilon: 0.03 } },
  { attack: { norm: 'l2' }, evaluation: { epsilon: 0.4 } },
])('%j', (given) => {
  it('lets an honest model pass, and leaves no tensor behind', async () => {
    const before = tf.memory();
    const gates = await measureGates(optionsOf(given));
    expect(gates.map(({ gate }) => gate)).toEqual(NAMES);
    expect(failedIn(gates)).toEqual([]);
    for (const gate of gates) expect(gate).toMatchObject({ weights: 'final', measured: expect.any(Number) });
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
  });
});

describe('a model whose gradients vanish', () => {
  /** The same answers, at logits so far apart that the softmax is exactly 0 or 1 and cross-entropy is flat. */
  const saturated: Logits = (x) => tf.mul(digits.logits(x), 1e6);

  it('is caught, as the margin still finds what cross-entropy no longer sees', async () => {
    const failed = failedIn(await measureGates(optionsOf({}, saturated)));
    expect(failed).toEqual(expect.arrayContaining(['chance-at-large-epsilon', 'ce-and-cw-agree']));
  });

  it('is caught by queries too where no gradient is left at all', async () => {
    // Steps of 1/50 in each pixel: what lies between them has no slope.
    const stepped: Logits = (x) => digits.logits(tf.div(tf.round(tf.mul(x, 50)), 50));
    const gates = await measureGates(optionsOf({}, stepped));
    expect(failedIn(gates)).toEqual(expect.arrayContaining(['chance-at-large-epsilon', 'square-no-stronger']));
    expect(gates.find(({ gate }) => gate === 'gradients-not-zero')).toMatchObject({ measured: 1, passed: true });
  });

  it('is caught by images made on another model', async () => {
    const transferred = await measureGates({ ...optionsOf({}, saturated), transferFrom: other.logits });
    expect(transferred.map(({ gate }) => gate)).toContain('transfer-no-stronger');
    const honest = await measureGates({ ...optionsOf(), transferFrom: other.logits });
    expect(honest.find(({ gate }) => gate === 'transfer-no-stronger')).toMatchObject({ passed: true });
  });
});

it('measures the same with every batch size, and only where gates are asked for', async () => {
  const whole = await measureGates(optionsOf());
  for (const batchSize of [13, 1000]) {
    const options = optionsOf({ evaluation: { epsilon: 0.03, gates: true, batchSize } });
    const gates = await measureGates(options);
    for (const [i, { measured, ...gate }] of gates.entries()) {
      expect(gate).toMatchObject({ gate: whole[i].gate, passed: whole[i].passed });
      // Mean losses are sums of float32, which batches add up in another order.
      expect(measured).toBeCloseTo(whole[i].measured, 5);
    }
  }
  const { condition: asked } = smallSpec({ evaluation: { epsilon: 0.03, gates: true, attacks: ['fgsm'] } });
  const { condition: unasked } = smallSpec({ evaluation: { epsilon: 0.03, attacks: ['fgsm'] } });
  const { gates, evaluations } = await assessWeights({ ...optionsOf(), condition: asked });
  expect([gates.length, evaluations.length]).toEqual([NAMES.length, 1]);
  expect((await assessWeights({ ...optionsOf(), condition: unasked })).gates).toEqual([]);
});
