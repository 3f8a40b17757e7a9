// What every attack must keep to on any model: the ball, robust ≤ clean, and independence of the split into batches.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apgd } from './apgd.ts';
import { type AttackName, oneHotRows, type Threat } from './attack-batch.ts';
import type { ParameterOverrides } from './attack-parameters.ts';
import { runAttack, transferAttack } from './auto-attack.ts';
import { insideBall } from './ball.ts';
import { LabelMismatchError, TooFewClassesError } from './errors.ts';
import { getLoss } from './image-loss.ts';
import { pgdLosses } from './pgd-losses.ts';
import { batchOf, CLASSES, randomNetwork, randomRun } from './random-network.ts';
import type { AttackProgress, AttackResult, AttackRun } from './run-stages.ts';

const IMAGES = 12;
const NORMS = ['Linf', 'L2'] as const;
const RADIUS = { Linf: 0.06, L2: 0.5 } as const;

const SHORT: readonly [AttackName, ParameterOverrides][] = [
  ['fgsm', {}],
  ['pgd', { steps: 5, restarts: 2, loss: 'cw' }],
  ['apgd-ce', { steps: 8 }],
  ['apgd-dlr', { steps: 8, restarts: 2 }],
  ['apgd-t', { steps: 6, targets: 3 }],
  ['fab-t', { steps: 6, targets: 2, restarts: 2 }],
  ['square', { queries: 30 }],
];

const cases = SHORT.flatMap(([name, overrides]) => NORMS.map((norm) => ({ name, overrides, norm })));

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function threatOf(norm: Threat['norm'], epsilon: number = RADIUS[norm]): Threat {
  return { norm, epsilon, seed: 77 };
}

function bitsOf({ correct, adversarial }: AttackResult): { correct: Uint8Array; pixels: unknown } {
  const pixels = adversarial.dataSync().slice();
  adversarial.dispose();
  return { correct, pixels };
}

describe.each(cases)('$name in $norm', ({ name, overrides, norm }) => {
  it('stays in the ball, only takes from clean accuracy, frees all but its result', async () => {
    for (const seed of [1, 2]) {
      const run = randomRun(seed, IMAGES, threatOf(norm));
      const before = tf.memory().numTensors;
      const result = await runAttack(run, name, overrides);
      expect(tf.memory().numTensors, 'tensors').toBe(before + 1);
      const [clean, attacked] = result.stages;
      expect(clean.accuracy).toBeCloseTo(10 / 12, 9);
      expect(result.accuracy, `seed ${seed}`).toBe(attacked.accuracy);
      expect(result.accuracy, `seed ${seed}`).toBeLessThan(clean.accuracy);
      const [points, images] = [result.adversarial, run.images].map((tensor) => tensor.dataSync() as Float32Array);
      const size = points.length / IMAGES;
      const predicted = tf.argMax(run.logits(result.adversarial), 1).dataSync();
      result.correct.forEach((bit, i) => {
        const [point, image] = [points, images].map((values) => values.subarray(i * size, (i + 1) * size));
        expect(insideBall(point, image, norm, RADIUS[norm])).toBe(true);
        expect(bit).toBe(predicted[i] === run.labels[i] ? 1 : 0);
        expect(bit).toBeLessThanOrEqual(clean.correct[i]);
        if (bit === 1 || clean.correct[i] === 0) expect(point).toEqual(image);
      });
    }
  });

  it('gives the same bits however the images are split into batches', async () => {
    const run = randomRun(3, IMAGES, threatOf(norm));
    const whole = bitsOf(await runAttack(run, name, overrides));
    expect(bitsOf(await runAttack({ ...run, batchSize: 5 }, name, overrides))).toEqual(whole);
  });

  it('returns the images at epsilon 0', async () => {
    const run = randomRun(4, IMAGES, threatOf(norm, 0));
    const result = await runAttack(run, name, overrides);
    expect(result.accuracy).toBe(result.stages[0].accuracy);
    expect(bitsOf(result).pixels).toEqual(run.images.dataSync());
  });

  it('stops at a border and frees everything', async () => {
    const run = randomRun(5, IMAGES, threatOf(norm));
    const before = tf.memory().numTensors;
    for (const last of [1, 2, 3]) {
      let borders = 0;
      const border = async () => {
        if (++borders >= last) throw new DOMException('stopped', 'AbortError');
      };
      await expect(runAttack({ ...run, border }, name, overrides)).rejects.toThrow('stopped');
      expect(tf.memory().numTensors, `stopped at border ${last}`).toBe(before);
    }
  });
});

describe('restarts', () => {
  it.each(['pgd', 'apgd-ce', 'square'] as const)('of %s never raise robust accuracy', async (name) => {
    const few = name === 'square' ? { queries: 10 } : { steps: 3 };
    let last: Uint8Array = new Uint8Array(40).fill(1);
    for (const restarts of [1, 2, 4]) {
      const result = await runAttack(randomRun(6, 40, threatOf('Linf', 0.04)), name, { ...few, restarts });
      result.correct.forEach((bit, i) => expect(bit).toBeLessThanOrEqual(last[i]));
      last = result.correct;
    }
  });
});

it.each(NORMS)('APGD in %s returns the point of the highest loss that it met', async (norm) => {
  const { logits, images, labels, threat, border } = batchOf(randomRun(7, IMAGES, threatOf(norm)));
  const oneHot = oneHotRows(labels, CLASSES);
  const ce = getLoss('ce');
  const met: number[][] = [];
  const values: typeof ce.values = (z, y) => {
    const losses = ce.values(z, y);
    met.push([...losses.dataSync()]);
    return losses;
  };
  const noise = tf.zerosLike(images);
  const loss = { values, gradient: ce.gradient };
  const found = await apgd({ logits, images, oneHot, loss, threat, iterations: 50, noise, border });
  expect(met).toHaveLength(51);
  const highest = met.reduce((most, losses) => most.map((value, i) => Math.max(value, losses[i])));
  expect([...found.bestLoss.dataSync()]).toEqual(highest);
  const atBest = ce.values(logits(found.best), oneHot).dataSync();
  highest.forEach((value, i) => expect(atBest[i]).toBeCloseTo(value, 5));
  highest.forEach((value, i) => expect(value).toBeGreaterThan(met[0][i]));
});

describe('transfer', () => {
  it('judges on the target what the source was attacked with, and hurts less than attacking the target', async () => {
    const run = randomRun(8, 40, threatOf('Linf', 0.1));
    const own = await runAttack(run, 'pgd', {});
    const fromItself = await transferAttack(run.logits, run, {});
    const fromAnother = await transferAttack(randomNetwork(999), run, {});
    expect(fromItself.correct).toEqual(own.correct);
    expect(fromAnother.stages.map(({ stage }) => stage)).toEqual(['clean', 'transfer']);
    expect(fromAnother.accuracy).toBeGreaterThan(own.accuracy);
    expect(fromAnother.accuracy).toBeLessThanOrEqual(fromAnother.stages[0].accuracy);
  });
});

it('the loss rises under PGD', async () => {
  const run = randomRun(9, 30, threatOf('L2'));
  const before = tf.memory().numTensors;
  const { lossAtStart, lossAtEnd } = await pgdLosses({ ...run, batchSize: 7 });
  expect(tf.memory().numTensors).toBe(before);
  expect(lossAtEnd).toBeGreaterThan(lossAtStart);
});

describe('a run', () => {
  it('reports what it has done, and knows its images by their position', async () => {
    const run = randomRun(10, IMAGES, threatOf('Linf'));
    const seen: AttackProgress[] = [];
    const onProgress = (progress: AttackProgress) => seen.push(progress);
    const all = bitsOf(await runAttack({ ...run, batchSize: 5, onProgress }, 'pgd', { steps: 2 }));
    expect(seen.map(({ stage, done, total }) => [stage, done, total])).toEqual([
      ['clean', 5, 12],
      ['clean', 10, 12],
      ['clean', 12, 12],
      ['pgd', 5, 10],
      ['pgd', 10, 10],
    ]);
    const rear: AttackRun = {
      ...run,
      images: tf.slice(run.images, 6),
      labels: run.labels.slice(6),
      firstPosition: 6,
    };
    expect(bitsOf(await runAttack(rear, 'pgd', { steps: 2 })).correct).toEqual(all.correct.slice(6));
  });

  it('refuses what it cannot attack', async () => {
    const run = randomRun(11, IMAGES, threatOf('Linf'));
    const three = (images: tf.Tensor4D) => tf.slice2d(run.logits(images), [0, 0], [-1, 3]);
    const labels = new Int32Array(IMAGES);
    await expect(runAttack({ ...run, logits: three, labels }, 'apgd-t', {})).rejects.toThrow(TooFewClassesError);
    await expect(runAttack({ ...run, labels: labels.fill(CLASSES) }, 'pgd', {})).rejects.toThrow(LabelMismatchError);
    await expect(runAttack({ ...run, threat: threatOf('Linf', -1) }, 'pgd', {})).rejects.toThrow('epsilon is -1');
    await expect(runAttack({ ...run, threat: { ...run.threat, seed: 0.5 } }, 'pgd', {})).rejects.toThrow('seed');
  });

  it('takes no candidate that is no number for an adversarial image', async () => {
    const run = randomRun(12, IMAGES, threatOf('L2'));
    // The square root's slope at zero is infinite, and zero times infinity is no number.
    const logits = (images: tf.Tensor4D) => {
      const broken = tf.sum(tf.sqrt(tf.mul(images, 0)), [1, 2, 3]);
      return tf.add(run.logits(images), tf.expandDims(broken, 1)) as tf.Tensor2D;
    };
    const result = await runAttack({ ...run, logits }, 'pgd', { steps: 1 });
    expect(result.accuracy).toBe(result.stages[0].accuracy);
  });
});
