// AutoAttack: nested robust sets, stages equal to the attacks alone, and what its flags notice.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { autoAttack, runAttack } from './auto-attack.ts';
import { TooFewClassesError } from './errors.ts';
import { randomRun } from './random-network.ts';
import { versionFlags } from './version-flags.ts';

const SHORT = { steps: 6, targets: 3, queries: 20 };
const IMAGES = 30;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(['Linf', 'L2'] as const)('%s', (norm) => {
  it('runs the four stages, each on what survived', async () => {
    const run = randomRun(31, IMAGES, { norm, epsilon: norm === 'Linf' ? 0.03 : 0.2, seed: 5 });
    const before = tf.memory().numTensors;
    const result = await autoAttack({ ...run, batchSize: 7 }, SHORT);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(result.stages.map(({ stage }) => stage)).toEqual(['clean', 'apgd-ce', 'apgd-t', 'fab-t', 'square']);
    for (const [i, { correct, accuracy }] of result.stages.entries()) {
      expect(accuracy).toBe(correct.reduce((sum, bit) => sum + bit, 0) / IMAGES);
      const earlier = result.stages[Math.max(i - 1, 0)].correct;
      correct.forEach((bit, image) => expect(bit).toBeLessThanOrEqual(earlier[image]));
    }
    expect(result.accuracy).toBeGreaterThan(0);
    expect(result.accuracy).toBeLessThan(result.stages[0].accuracy);
    expect(result.flags).toMatchObject({ softmaxOutput: false, randomized: false, zeroGradientShare: 0 });
    const alone = await runAttack(run, 'apgd-ce', { steps: 6 });
    expect(alone.correct).toEqual(result.stages[1].correct);
    tf.dispose([result.adversarial, alone.adversarial]);
  });
});

describe('flags', () => {
  const threat = { norm: 'Linf', epsilon: 0.03, seed: 5 } as const;
  const tiny = { steps: 1, targets: 1, queries: 1 };

  it('notice probabilities in place of logits', async () => {
    const run = randomRun(32, 10, threat);
    const { flags } = await autoAttack({ ...run, logits: (x) => tf.softmax(run.logits(x)) }, tiny);
    expect(flags.softmaxOutput).toBe(true);
    expect(flags.warnings).toContain('softmax-output');
  });

  it('notice a model that answers differently each time', async () => {
    const run = randomRun(33, 10, threat);
    let calls = 0;
    const logits = (x: tf.Tensor4D) => tf.add<tf.Tensor2D>(run.logits(x), tf.oneHot([calls++ % 5], 5).toFloat());
    const { flags } = await autoAttack({ ...run, logits }, tiny);
    expect(flags.randomized).toBe(true);
    expect(flags.warnings).toContain('randomized');
  });

  it('count gradients that are zero', async () => {
    const run = randomRun(34, 10, threat);
    const { flags } = await autoAttack({ ...run, logits: (x) => run.logits(tf.round(x)) }, tiny);
    expect(flags.zeroGradientShare).toBe(1);
    expect(flags.warnings).toContain('zero-gradients');
  });

  it('hold against the result that Square found what gradients did not', () => {
    const model = { softmaxOutput: false, randomized: false, zeroGradientShare: 0 };
    const stages = [0.9, 0.5, 0.4, 0.4, 0.397].map((accuracy, i) => ({
      stage: (['clean', 'apgd-ce', 'apgd-t', 'fab-t', 'square'] as const)[i],
      accuracy,
      correct: new Uint8Array(10_000),
    }));
    expect(versionFlags(model, { stages })).toMatchObject({ warnings: ['square-lowers-accuracy'] });
    // On a thousand images this would be three, which says nothing.
    const few = stages.map((stage) => ({ ...stage, correct: new Uint8Array(1000) }));
    expect(versionFlags(model, { stages: few }).warnings).toEqual([]);
    stages[4].accuracy = 0.399;
    expect(versionFlags(model, { stages }).warnings).toEqual([]);
  });

  it('come only where the targeted loss is defined', async () => {
    const run = randomRun(35, 10, threat);
    const logits = (x: tf.Tensor4D) => tf.slice2d(run.logits(x), [0, 0], [-1, 3]);
    await expect(autoAttack({ ...run, logits, labels: new Int32Array(10) }, tiny)).rejects.toThrow(TooFewClassesError);
  });
});
