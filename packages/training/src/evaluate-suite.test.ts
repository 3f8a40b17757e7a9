// The suite on a real small model: rows that nest as they must, depend on nothing they should not, and leave no tensor.
import { runAttack } from '@reseed/attacks';
import { type FinalEvaluation, unpackBits } from '@reseed/experiment';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import type { EvaluationProgress } from './attack-source.ts';
import { createBatchBorder } from './batch-border.ts';
import { evaluateModel } from './evaluate-model.ts';
import { evaluateSuite, type SuiteOptions, trackingRows } from './evaluate-suite.ts';
import { plainImages } from './evaluation-images.ts';
import { type LearntDigits, learnDigits } from './learnt-digits.ts';
import { type Given, smallSpec } from './recorded-run.ts';

const IMAGES = 60;
const SEED = 7;
const SHORT = { name: 'autoattack', id: 'aa', steps: 5, targets: 2, queries: 30 };
let digits: LearntDigits;

beforeAll(async () => {
  await openBackend({ device: 'cpu' });
  digits = await learnDigits(IMAGES);
});

function optionsOf(evaluation: Given, attack: Given = {}): SuiteOptions {
  const { condition } = smallSpec({ evaluation: { epsilon: 0.03, ...evaluation }, attack });
  const { data, logits } = digits;
  const border = createBatchBorder(undefined);
  return { logits, source: data.test, facts: data, condition, seed: SEED, weights: 'best', border };
}

const bitsOf = ({ correct, images }: FinalEvaluation): number[] => [...unpackBits(correct, images)];
const untimed = (rows: readonly FinalEvaluation[]) => rows.map(({ seconds: _, ...row }) => row);

describe.each(['linf', 'l2'])('with %s', (norm) => {
  const radius = norm === 'linf' ? 0.03 : 0.4;
  const options = () =>
    optionsOf({ epsilon: radius, attacks: ['fgsm', { name: 'pgd', steps: 5, loss: 'cw' }, SHORT] }, { norm });

  it('has a row per attack and per stage of the protocol, each part of what is correct without attack', async () => {
    const { evaluations, cleanAccuracy, strongAccuracy } = await evaluateSuite(options());
    expect(evaluations.map(({ attack, stage }) => [attack, stage])).toEqual([
      ['fgsm', null],
      ['pgd-5-cw', null],
      ['aa', 'apgd-ce'],
      ['aa', 'apgd-t'],
      ['aa', 'fab-t'],
      ['aa', 'square'],
    ]);
    const settings = { ...smallSpec().condition.evaluation, epsilon: 0 };
    const { logits, data } = digits;
    const border = createBatchBorder(undefined);
    const tracked = { logits, source: data.test, facts: data, count: IMAGES, settings, seed: SEED, border };
    const { clean, cleanCorrect } = await evaluateModel(tracked);
    expect(cleanAccuracy).toBe(clean);
    for (const row of evaluations) {
      const bits = bitsOf(row);
      expect(row).toMatchObject({ weights: 'best', images: IMAGES, seconds: expect.any(Number) });
      expect(row.accuracy).toBe(bits.filter(Boolean).length / IMAGES);
      bits.forEach((bit, i) => expect(bit).toBeLessThanOrEqual(cleanCorrect[i]));
      expect(row.seconds).toBeGreaterThan(0);
    }
    const [fgsm, pgd, ...stages] = evaluations.map(bitsOf);
    for (const [i, bits] of stages.entries())
      bits.forEach((bit, image) => expect(bit).toBeLessThanOrEqual((stages[i - 1] ?? bits)[image]));
    const worst = fgsm.map((bit, i) => Math.min(bit, pgd[i], stages[3][i]));
    expect(strongAccuracy).toBe(worst.filter(Boolean).length / IMAGES);
    expect(strongAccuracy).toBeGreaterThan(0);
    expect(strongAccuracy).toBeLessThan(clean);
  });

  it('gives the same numbers again and with every batch size, and leaves no tensor behind', async () => {
    const before = tf.memory();
    const whole = await evaluateSuite(options());
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
    for (const batchSize of [1, 17, 60, 1000]) {
      const { condition, ...rest } = options();
      const evaluation = { ...condition.evaluation, batchSize };
      const again = await evaluateSuite({ ...rest, condition: { ...condition, evaluation } });
      expect(untimed(again.evaluations)).toEqual(untimed(whole.evaluations));
      expect(again.gates).toEqual(whole.gates);
    }
  });

  it('is what the attack alone finds, in the norm and with the seed of the run', async () => {
    const { evaluations } = await evaluateSuite(options());
    const { images, labels } = plainImages(digits.data.test, digits.data, 0, IMAGES);
    const threat = { norm: norm === 'linf' ? ('Linf' as const) : ('L2' as const), epsilon: radius, seed: SEED };
    const alone = await runAttack({ logits: digits.logits, images, labels, threat }, 'pgd', { steps: 5, loss: 'cw' });
    expect(bitsOf(evaluations[1])).toEqual([...alone.correct]);
    // A large ball and no step: what an image ends as is its start. FGSM draws nothing.
    const starts = optionsOf(
      { attacks: ['fgsm', { name: 'pgd', steps: 0, epsilon: norm === 'linf' ? 0.3 : 15 }] },
      { norm },
    );
    const [fgsm, noise] = untimed((await evaluateSuite(starts)).evaluations);
    const [fgsmToo, noiseToo] = untimed((await evaluateSuite({ ...starts, seed: SEED + 1 })).evaluations);
    expect(fgsmToo).toEqual(fgsm);
    expect(noiseToo.correct).not.toEqual(noise.correct);
    tf.dispose([images, labels, alone.adversarial]);
  });
});

it('goes on over the borders of its parts: image 1100 has the streams and the place of image 1100', async () => {
  const more = await learnDigits(1100);
  const { condition, ...rest } = optionsOf({ attacks: [{ name: 'pgd', steps: 1, epsilon: 0.2 }] });
  const seen: EvaluationProgress[] = [];
  const source = more.data.test;
  const onProgress = (progress: EvaluationProgress) => seen.push(progress);
  const { evaluations, strongAccuracy } = await evaluateSuite({ ...rest, condition, source, onProgress });
  const [attack] = condition.evaluation.attacks;
  expect(attack.epsilon).toBe(0.2);
  const settings = { epsilon: 0.2, steps: 1, stepSize: 0.05, restarts: 1, batchSize: 250 };
  const tracked = { logits: digits.logits, source, facts: more.data, count: 1100, settings, seed: SEED };
  const { robust, robustCorrect } = await evaluateModel({ ...tracked, border: createBatchBorder(undefined) });
  expect(bitsOf(evaluations[0])).toEqual([...robustCorrect]);
  expect(strongAccuracy).toBe(robust);
  const last = seen[seen.length - 1];
  expect(last).toMatchObject({ attack: 'pgd-1-epsilon-0.2', stage: 'pgd', first: 1000, count: 100, images: 1100 });
  expect(last.done).toBe(last.total);
});

it('without attacks says nothing', async () => {
  expect(await evaluateSuite(optionsOf({}))).toEqual({ evaluations: [], gates: [] });
});

it('says what AutoAttack asks of the model, under the name of the attack', async () => {
  const honest = await evaluateSuite(optionsOf({ attacks: ['fgsm', SHORT] }));
  expect(honest.gates.map(({ gate, passed }) => [gate, passed])).toEqual([
    ['aa/outputs-are-logits', true],
    ['aa/deterministic', true],
    ['aa/no-zero-gradients', true],
    ['aa/square-adds-little', expect.any(Boolean)],
  ]);
  const logits = (x: tf.Tensor4D) => tf.softmax(tf.mul<tf.Tensor2D>(digits.logits(x), 1e4));
  const masked = await evaluateSuite({ ...optionsOf({ attacks: [SHORT] }), logits });
  const failed = masked.gates.filter(({ passed }) => !passed).map(({ gate }) => gate);
  expect(failed).toEqual(expect.arrayContaining(['aa/outputs-are-logits', 'aa/no-zero-gradients']));
  expect(masked.gates.find(({ gate }) => gate === 'aa/no-zero-gradients')).toMatchObject({
    weights: 'best',
    limit: 0.01,
  });
});

it('stops at a border and frees what it had', async () => {
  const before = tf.memory();
  let borders = 0;
  const border = async () => {
    if (++borders === 9) throw new Error('stopped');
  };
  await expect(evaluateSuite({ ...optionsOf({ attacks: [SHORT], batchSize: 20 }), border })).rejects.toThrow('stopped');
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
});

it('makes rows of the evaluation that was done already', () => {
  const bits = Uint8Array.from([1, 1, 1, 0, 1, 1, 1, 1, 1, 0]);
  const robust = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
  const evaluation = { clean: 0.8, robust: 0.2, cleanCorrect: bits, robustCorrect: robust };
  const [clean, tracking] = trackingRows('finalWa', evaluation, 3);
  expect(clean).toMatchObject({ weights: 'finalWa', attack: 'clean', stage: null, images: 10, accuracy: 0.8 });
  expect(tracking).toMatchObject({ attack: 'tracking', accuracy: 0.2, seconds: 3, correct: Uint8Array.from([1, 1]) });
  expect(bitsOf(clean)).toEqual([...bits]);
});
