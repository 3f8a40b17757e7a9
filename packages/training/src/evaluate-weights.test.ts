// Files of weights, evaluated without a run: the same numbers as the model that was written, and what is refused.
import { resolveCondition, unpackBits } from '@reseed/experiment';
import { encodeSafetensors, getModel, SafetensorsError, weightHash } from '@reseed/models';
import { SplitSizeError } from '@reseed/datasets';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { createBatchBorder } from './batch-border.ts';
import { evaluateSuite } from './evaluate-suite.ts';
import {
  type EvaluateWeightsOptions,
  evaluateWeights,
  NoAttackError,
  type StoredWeights,
  WeightsNotFiniteError,
} from './evaluate-weights.ts';
import { type LearntDigits, learnDigits } from './learnt-digits.ts';

const IMAGES = 40;
let digits: LearntDigits;
let stored: StoredWeights;
let transferFrom: StoredWeights;

/** As `reseed train` writes them. */
function fileOf({ weights }: LearntDigits): Uint8Array {
  const model = getModel('tiny-cnn');
  const values = weights.map((tensor) => tensor.dataSync() as Float32Array);
  return encodeSafetensors(model, model.toTorchLayout(values), []);
}

beforeAll(async () => {
  await openBackend({ device: 'cpu' });
  digits = await learnDigits(IMAGES);
  const facts = { model: 'tiny-cnn', normalisation: 'none' } as const;
  stored = { ...facts, bytes: fileOf(digits), file: 'w.safetensors' };
  transferFrom = { ...facts, bytes: fileOf(await learnDigits(IMAGES, 5)), file: 'other.safetensors' };
});

const datasetOf = (name: string, testSize: number) =>
  resolveCondition({ dataset: { name, testSize } }).condition.dataset;

const { condition } = resolveCondition({ attack: { epsilon: 0.04 }, evaluation: { attacks: ['fgsm', 'pgd'] } });

const evaluate = (given: Partial<EvaluateWeightsOptions> = {}) =>
  evaluateWeights({
    weights: stored,
    dataset: datasetOf('mnist', IMAGES),
    condition,
    seed: 7,
    gates: 'skip',
    ...given,
  });

it('gives what the suite gives on the weights themselves, and frees them', async () => {
  const { data, logits } = digits;
  const border = createBatchBorder(undefined);
  const suite = { logits, source: data.test, facts: data, condition, seed: 7, border, weights: 'final' } as const;
  const expected = await evaluateSuite(suite);
  const before = tf.memory().numTensors;
  const found = await evaluate({ transferFrom });
  expect(tf.memory().numTensors).toBe(before);
  const values = digits.weights.map((tensor) => tensor.dataSync() as Float32Array);
  expect(found).toMatchObject({
    weightHash: weightHash(getModel('tiny-cnn').toTorchLayout(values)),
    images: IMAGES,
    cleanAccuracy: expected.cleanAccuracy,
    robustAccuracy: expected.strongAccuracy,
  });
  expect(found.evaluations.map(({ attack, correct }) => [attack, ...unpackBits(correct, IMAGES)])).toEqual(
    expected.evaluations.map(({ attack, correct }) => [attack, ...unpackBits(correct, IMAGES)]),
  );
  // Images made on another model fool this one less than its own.
  expect(found.transferAccuracy).toBeGreaterThan(found.robustAccuracy);
  expect(found.transferAccuracy).toBeLessThanOrEqual(found.cleanAccuracy);
});

it('judges by the running statistics of the file where there are some', async () => {
  const model = getModel('tiny-cnn-bn');
  const weights = model.toTorchLayout(model.initialise(3).map((tensor) => tensor.dataSync() as Float32Array));
  const zero = model.buffers.map(({ size, initial }) => new Float32Array(size).fill(initial));
  const shifted = zero.map((values, i) => values.map((value, k) => (i % 2 === 0 ? Math.sin(k) : value)));
  const accuracies = await Promise.all(
    [zero, shifted].map(async (buffers) => {
      const bytes = encodeSafetensors(model, weights, buffers);
      const weightsOf = { model: 'tiny-cnn-bn', normalisation: 'none', bytes, file: 'bn' } as const;
      const { evaluations } = await evaluate({ weights: weightsOf });
      return [...evaluations[0].correct];
    }),
  );
  expect(accuracies[0]).not.toEqual(accuracies[1]);
});

describe('refuses, with nothing left allocated,', () => {
  const cases: [what: string, given: () => Partial<EvaluateWeightsOptions>, error: unknown, says: string][] = [
    [
      'weights of another model',
      () => ({ weights: { ...stored, model: 'mnist_net' } }),
      SafetensorsError,
      'w.safetensors: conv1.weight: expected no such tensor in mnist_net, found one',
    ],
    [
      'weights for other images',
      () => ({ dataset: datasetOf('cifar10', 10) }),
      SafetensorsError,
      'w.safetensors: conv1.weight: expected shape [8, 3, 3, 3], found [8, 1, 3, 3]',
    ],
    [
      'a file that is none',
      () => ({ transferFrom: { ...transferFrom, bytes: new Uint8Array(3) } }),
      SafetensorsError,
      'other.safetensors: expected at least 8 bytes, found 3',
    ],
    [
      'weights that are no numbers',
      () => {
        const bytes = stored.bytes.slice();
        new DataView(bytes.buffer).setFloat32(bytes.length - 4, Number.NaN, true);
        return { weights: { ...stored, bytes } };
      },
      WeightsNotFiniteError,
      'w.safetensors: fc2.bias holds a value that is not a finite number',
    ],
    [
      'more images than there are',
      () => ({ dataset: datasetOf('mnist', 10_001) }),
      SplitSizeError,
      'testSize is 10001; it must be a whole number from 1 to 10000',
    ],
    [
      'no attack',
      () => ({ condition: { ...condition, evaluation: { ...condition.evaluation, attacks: [] } } }),
      NoAttackError,
      'evaluation.attacks: must hold at least one attack, got []',
    ],
  ];
  it.each(cases)('%s', async (_what, given, error, says) => {
    const before = tf.memory().numTensors;
    const refused = evaluate(given());
    await expect(refused).rejects.toThrow(error as ErrorConstructor);
    await expect(refused).rejects.toThrow(says);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('to go on once it is stopped', async () => {
    const controller = new AbortController();
    const before = tf.memory().numTensors;
    const stopped = evaluate({ signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(tf.memory().numTensors).toBe(before);
  });
});
