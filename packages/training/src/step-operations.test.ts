// Operations of a step against numbers worked out by hand.
import { resolveCondition } from '@reseed/experiment';
import { getModel } from '@reseed/models';
import { expect, it } from 'vitest';
import { countStepOperations, stepOperationsOf, UncountedMethodError } from './step-operations.ts';

it('plain training is three forward passes but the gradient at the pixels', () => {
  const step = { method: 'plain', attackSteps: 7, batch: 1 } as const;
  expect(countStepOperations({ forward: 100, onPixels: 30 }, step)).toBe(2 * (100 + 100 + 70));
});

it('every step of an attack is two, down to the pixels', () => {
  const step = { method: 'pgd', attackSteps: 10, batch: 8 } as const;
  expect(countStepOperations({ forward: 100, onPixels: 30 }, step)).toBe(8 * (10 * 400 + 540));
  const fgsm = { method: 'fgsm', attackSteps: 1, batch: 1 } as const;
  expect(countStepOperations({ forward: 100, onPixels: 30 }, fgsm)).toBe(400 + 540);
});

it('PGD-10 on 128 images', () => {
  const step = { method: 'pgd', attackSteps: 10, batch: 128 } as const;
  // 128 · (40 · 13,883,904 + 6 · 13,883,904 − 2 · 627,200)
  expect(countStepOperations(getModel('madry-cnn').multiplyAdds, step)).toBe(81_587_863_552);
  // 128 · (40 · 555,422,720 + 6 · 555,422,720 − 2 · 1,769,472)
  expect(countStepOperations(getModel('preactresnet-18').multiplyAdds, step)).toBe(3_269_875_990_528);
});

it('takes batch, steps and the images of the dataset from the condition', () => {
  const conditionOf = (given: Record<string, unknown>) =>
    resolveCondition({ model: 'linear-softmax', dataset: { name: 'cifar10' }, batchSize: 5, ...given }).condition;
  const forward = 32 * 32 * 3 * 10;
  expect(stepOperationsOf(conditionOf({ method: 'pgd', attack: { steps: 4 } }))).toBe(5 * forward * (16 + 4));
  expect(stepOperationsOf(conditionOf({ method: 'fgsm' }))).toBe(5 * forward * (4 + 4));
  expect(() => stepOperationsOf(conditionOf({ method: 'trades' }))).toThrow(UncountedMethodError);
});
