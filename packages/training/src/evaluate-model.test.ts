// Evaluation against the same evaluation done by hand, image after image, and what it must not depend on.
import { fillL2Noise, type Logits } from '@reseed/attacks';
import type { Condition } from '@reseed/experiment';
import { evaluationStream, NumpyRandomState, STREAM_TAGS, seedWords } from '@reseed/rng';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { createBatchBorder } from './batch-border.ts';
import type { RunData } from './dataset-cache.ts';
import { type EvaluateOptions, evaluateModel, type ModelEvaluation } from './evaluate-model.ts';
import { learnDigits } from './learnt-digits.ts';
import { oneHotOf, smallSpec } from './recorded-run.ts';
import { meanCrossEntropy } from './training-loss.ts';

const IMAGES = 40;
const SEED = 2021;
let data: RunData;
let logits: Logits;

beforeAll(async () => {
  await openBackend({ device: 'cpu' });
  ({ data, logits } = await learnDigits(IMAGES));
});

const SETTINGS: Condition['evaluation'] = smallSpec({ evaluation: { epsilon: 0.05, steps: 3 } }).condition.evaluation;
/** A large ball and one small step: what an image ends as is mostly its random start. */
const START_DECIDES = { ...SETTINGS, epsilon: 0.4, steps: 1, stepSize: 0.01 };

function evaluate(
  settings: Partial<Condition['evaluation']> = {},
  count = IMAGES,
  seed = SEED,
  norm: EvaluateOptions['norm'] = 'linf',
): Promise<ModelEvaluation> {
  return evaluateModel({
    logits,
    source: data.test,
    facts: data,
    count,
    settings: { ...SETTINGS, ...settings },
    seed,
    norm,
    border: createBatchBorder(undefined),
  });
}

describe('by hand', () => {
  const label = (i: number): number => data.test.labels[i];
  const predict = (x: tf.Tensor4D): number => tf.tidy(() => tf.argMax(logits(x), 1).dataSync()[0]);

  /** PGD from the definition, on one image alone: x ← clip to the ball and to [0, 1] of x + α·sign ∇CE. */
  function attack(i: number, restart: number, { epsilon, stepSize, steps }: Condition['evaluation']): tf.Tensor4D {
    const pixels = Float32Array.from(data.test.images.subarray(i * 784, (i + 1) * 784), (value) => value / 255);
    const oneHot = oneHotOf([label(i)]);
    const noise = evaluationStream(SEED, restart, i).fillUniform(new Float32Array(784), -epsilon, epsilon);
    const project = (x: Float32Array) =>
      x.map((value, p) =>
        Math.max(Math.max(0, pixels[p] - epsilon), Math.min(Math.min(1, pixels[p] + epsilon), value)),
      );
    const gradientAt = tf.grad((x) => meanCrossEntropy(logits(x as tf.Tensor4D), oneHot));
    let x = project(pixels.map((value, p) => value + noise[p]));
    for (let step = 0; step < steps; step++) {
      const gradient = tf.tidy(() => gradientAt(tf.tensor4d(x, [1, 28, 28, 1])).dataSync());
      x = project(x.map((value, p) => value + stepSize * Math.sign(gradient[p])));
    }
    return tf.tensor4d(x, [1, 28, 28, 1]);
  }

  it('an image is robust iff it is right as it is and after every restart', async () => {
    const settings = { ...START_DECIDES, restarts: 2 };
    const right = Array.from({ length: IMAGES }, (_, i) => {
      const pixels = Float32Array.from(data.test.images.subarray(i * 784, (i + 1) * 784), (value) => value / 255);
      const survived = [0, 1].map((restart) => predict(attack(i, restart, settings)) === label(i));
      return { clean: predict(tf.tensor4d(pixels, [1, 28, 28, 1])) === label(i), survived };
    });
    // Each restart breaks images that the other leaves.
    expect(right.some(({ clean, survived: [first, second] }) => clean && first && !second)).toBe(true);
    expect(right.some(({ clean, survived: [first, second] }) => clean && !first && second)).toBe(true);

    const bitsOf = (is: (bits: (typeof right)[number]) => boolean) => right.map((bits) => Number(is(bits)));
    const found = await evaluate({ ...settings, batchSize: 7 });
    expect([...found.cleanCorrect]).toEqual(bitsOf(({ clean }) => clean));
    expect([...found.robustCorrect]).toEqual(bitsOf(({ clean, survived }) => clean && survived[0] && survived[1]));
    expect(found.clean).toBe(right.filter(({ clean }) => clean).length / IMAGES);
    expect([...(await evaluate({ ...settings, restarts: 1 })).robustCorrect]).toEqual(
      bitsOf(({ clean, survived }) => clean && survived[0]),
    );
    // Fewer images: the first ones.
    const few = await evaluate(settings, 11);
    expect(few.robustCorrect).toEqual(found.robustCorrect.slice(0, 11));
    expect(few.robust).toBe(few.robustCorrect.filter(Boolean).length / 11);
  });

  it('in L2, from a start of its own on, along the gradient and within the ball', async () => {
    const settings = { ...SETTINGS, epsilon: 2, stepSize: 0.7, steps: 2, batchSize: 9 };
    const length = (v: Float32Array) => Math.hypot(...v);
    const scaled = (v: Float32Array, by: number) => v.map((value) => value * by);
    const survives = (i: number): boolean => {
      const pixels = Float32Array.from(data.test.images.subarray(i * 784, (i + 1) * 784), (value) => value / 255);
      const oneHot = oneHotOf([label(i)]);
      const gradientAt = tf.grad((x) => meanCrossEntropy(logits(x as tf.Tensor4D), oneHot));
      const project = (x: Float32Array) => {
        const offset = x.map((value, p) => value - pixels[p]);
        const short = scaled(offset, Math.min(1, settings.epsilon / length(offset)));
        return short.map((value, p) => Math.min(1, Math.max(0, pixels[p] + value)));
      };
      const noise = new Float32Array(784);
      const stream = new NumpyRandomState(seedWords([SEED, STREAM_TAGS.evaluation, 0, i]));
      fillL2Noise(stream, noise, [28, 28, 1], settings.epsilon);
      let x = project(pixels.map((value, p) => value + noise[p]));
      for (let step = 0; step < settings.steps; step++) {
        const gradient = tf.tidy(() => gradientAt(tf.tensor4d(x, [1, 28, 28, 1])).dataSync()) as Float32Array;
        const move = scaled(gradient, settings.stepSize / length(gradient));
        x = project(x.map((value, p) => value + move[p]));
      }
      return predict(tf.tensor4d(x, [1, 28, 28, 1])) === label(i);
    };
    const found = await evaluate(settings, IMAGES, SEED, 'l2');
    const expected = Array.from(found.cleanCorrect, (clean, i) => (clean === 1 && survives(i) ? 1 : 0));
    expect([...found.robustCorrect]).toEqual(expected);
    expect(found.robust).toBeLessThan(found.clean);
    expect(found.robust).toBeGreaterThan(0);
  });

  it('an image that is wrong as it is stays wrong, even when the attack mends it', async () => {
    const mending = { ...SETTINGS, epsilon: 0.2, stepSize: -0.1 };
    const mended = Array.from({ length: IMAGES }, (_, i) => predict(attack(i, 0, mending)) === label(i));
    const { clean, robust } = await evaluate(mending);
    expect(mended.filter(Boolean).length / IMAGES).toBeGreaterThan(clean);
    expect(robust).toBe(clean);
  });
});

describe('what it depends on', () => {
  it('not on the batch size', async () => {
    for (const settings of [SETTINGS, START_DECIDES]) {
      const whole = await evaluate({ ...settings, batchSize: 1000 });
      for (const batchSize of [1, 7, 39, 40]) expect(await evaluate({ ...settings, batchSize })).toEqual(whole);
    }
  });

  it('on the seed, which only moves the starts', async () => {
    const runs = await Promise.all(Array.from({ length: 12 }, (_, seed) => evaluate(START_DECIDES, IMAGES, seed)));
    expect(new Set(runs.map(({ clean }) => clean)).size).toBe(1);
    expect(new Set(runs.map(({ robust }) => robust)).size).toBeGreaterThan(1);
    expect(await evaluate(START_DECIDES, IMAGES, 3)).toEqual(runs[3]);
  });
});

describe('robust accuracy', () => {
  it('is clean accuracy at epsilon 0', async () => {
    const { clean, robust } = await evaluate({ epsilon: 0, stepSize: 0.1, restarts: 3 });
    expect(robust).toBe(clean);
    expect(clean).toBeGreaterThan(0.3);
  });

  it('is never above clean accuracy and does not rise with epsilon, steps or restarts', async () => {
    const { clean } = await evaluate({ epsilon: 0 });
    const robust = async (settings: Partial<Condition['evaluation']>) => {
      const accuracy = await evaluate(settings);
      expect(accuracy.clean).toBe(clean);
      expect(accuracy.robust).toBeLessThanOrEqual(clean);
      return accuracy.robust;
    };
    const byEpsilon = [];
    for (const epsilon of [0.01, 0.1, 0.5]) byEpsilon.push(await robust({ epsilon, stepSize: epsilon / 2, steps: 4 }));
    expect(byEpsilon).toEqual([...byEpsilon].sort((a, b) => b - a));
    expect(byEpsilon[2]).toBe(0);
    const byRestarts = [];
    for (const restarts of [1, 2, 5]) byRestarts.push(await robust({ restarts, steps: 1, epsilon: 0.1 }));
    expect(byRestarts).toEqual([...byRestarts].sort((a, b) => b - a));
  });
});

it('stops at a border between two batches, and frees what it had', async () => {
  const before = tf.memory();
  let borders = 0;
  const border = async () => {
    if (++borders === 3) throw new Error('stopped');
  };
  const options = { logits, source: data.test, facts: data, count: IMAGES, settings: { ...SETTINGS, batchSize: 7 } };
  await expect(evaluateModel({ ...options, seed: SEED, border })).rejects.toThrow('stopped');
  expect(borders).toBe(3);
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
});

it('leaves no tensor behind', async () => {
  const before = tf.memory();
  await evaluate({ batchSize: 7, restarts: 2 });
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
});
