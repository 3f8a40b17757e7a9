// What a benchmark trains, and what it says to a model that it does not know.
import { findConflicts, MODEL_NAMES } from '@reseed/experiment';
import { expect, it } from 'vitest';
import { attackSteps, benchCondition, benchModel, UnknownModelError } from './bench-condition.ts';

const work = { model: 'madry-cnn', method: 'pgd', steps: 10, batch: 128 } as const;

it('madry is madry-cnn, every other model has the name of the registry', () => {
  expect(benchModel('madry')).toBe('madry-cnn');
  for (const name of MODEL_NAMES) expect(benchModel(name)).toBe(name);
});

it('an unknown model is answered with the nearest name', () => {
  expect(() => benchModel('preactresnet18')).toThrow(UnknownModelError);
  expect(() => benchModel('preactresnet18')).toThrow('did you mean "preactresnet-18"?');
  expect(() => benchModel('madri')).toThrow('did you mean "madry"?');
  expect(() => benchModel('small-cnn', ['madry-cnn'])).toThrow(
    'no benchmark of "small-cnn"; known are madry, madry-cnn',
  );
});

it('the images have the shape that the model was published for', () => {
  expect(benchCondition(work).dataset.name).toBe('mnist');
  expect(benchCondition({ ...work, model: 'preactresnet-18' }).dataset.name).toBe('cifar10');
});

it.each(MODEL_NAMES)('%s gets a condition that a run could have', (model) => {
  expect(findConflicts(benchCondition({ ...work, model }))).toEqual([]);
});

it('the attack takes the steps that are asked for, at full strength from the first', () => {
  const { attack, warmup, optimizer, batchSize } = benchCondition(work);
  expect(attack).toMatchObject({
    norm: 'linf',
    steps: 10,
    epsilon: 0.3,
    stepSize: 0.075,
    init: 'uniform',
    batchNorm: 'train',
  });
  expect(warmup.epsilonFraction).toBe(0);
  expect(optimizer).toMatchObject({ name: 'sgd', momentum: 0.9, weightDecay: 5e-4 });
  expect(batchSize).toBe(128);
  expect(benchCondition({ ...work, method: 'fgsm' }).attack.steps).toBe(1);
  expect((['plain', 'fgsm', 'pgd'] as const).map((method) => attackSteps({ method, steps: 7 }))).toEqual([0, 1, 7]);
});
