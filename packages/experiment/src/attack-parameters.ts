// The axes of the attacks that train and evaluate a model, and what they share with the other axes.
import { z } from 'zod';
import { axis, dependentAxis, readPath, type Resolved } from './axis.ts';

export const count = (min: number, max: number) => z.int().min(min).max(max);
export const fraction = z.number().min(0).max(1);
export const at = <T>(soFar: Resolved, path: string): T => readPath(soFar, path) as T;

export const SOURCES = {
  madry: 'Madry et al. 2018, arXiv:1706.06083',
  wong: 'Wong, Rice & Kolter 2020, arXiv:2001.03994',
  trades: 'Zhang et al. 2019, arXiv:1901.08573',
  mart: 'Wang et al. 2020: Improving Adversarial Robustness Requires Revisiting Misclassified Examples',
} as const;

/** Whether the method compares a pass of the clean images with one of the adversarial ones. */
export const isTwoPass = (soFar: Resolved): boolean => ['trades', 'mart'].includes(at(soFar, 'method'));

export const attack = {
  name: dependentAxis(
    z.enum(['fgsm', 'pgd']),
    '"fgsm" when method is "fgsm", else "pgd"',
    (soFar) => (at(soFar, 'method') === 'fgsm' ? 'fgsm' : 'pgd'),
    {
      meaning: 'The attack that crafts training examples: one signed step (fgsm) or several projected ones (pgd).',
      source: `${SOURCES.madry}; ${SOURCES.wong}`,
    },
  ),
  norm: axis(z.enum(['linf']), 'linf', { meaning: 'The norm that bounds a perturbation.' }),
  epsilon: axis(fraction, 0.1, { meaning: 'Largest change of a pixel.', unit: 'pixel value, 0…1' }),
  steps: dependentAxis(
    count(1, 1000),
    '1 for fgsm, 3 for pgd',
    (soFar) => (at(soFar, 'attack.name') === 'fgsm' ? 1 : 3),
    { meaning: 'Gradient steps per training example.', unit: 'steps' },
  ),
  stepSize: dependentAxis(
    z.number().min(0).max(4),
    '1.25·epsilon for fgsm, 2.5·epsilon/steps for pgd',
    (soFar) => {
      const epsilon = at<number>(soFar, 'attack.epsilon');
      return at(soFar, 'attack.name') === 'fgsm' ? 1.25 * epsilon : (2.5 * epsilon) / at<number>(soFar, 'attack.steps');
    },
    {
      meaning: 'Length of one step at full epsilon; it shrinks with epsilon during warm-up.',
      unit: 'pixel value, 0…1',
    },
  ),
  init: dependentAxis(
    z.enum(['uniform', 'zero', 'normal']),
    '"normal" for trades and mart, else "uniform"',
    (soFar) => (isTwoPass(soFar) ? 'normal' : 'uniform'),
    {
      meaning:
        'Start of the attack: uniform in the epsilon ball, the clean image, or the clean image with 0.001·N(0, 1).',
      source: `${SOURCES.madry}; ${SOURCES.trades}`,
    },
  ),
};

export const awp = {
  gamma: axis(z.number().min(0).max(1), 0, {
    meaning:
      'Adversarial weight perturbation: the gradient is taken at weights moved up the loss by this share of their norm; 0 turns it off. The authors use 0.01 with pgd, 0.005 with trades.',
    source: 'Wu et al. 2020, arXiv:2004.05884',
  }),
};

export const evaluation = {
  every: axis(count(1, 10_000), 2, {
    meaning: 'Validation after every n-th epoch, and always after the last.',
    unit: 'epochs',
  }),
  epsilon: dependentAxis(fraction, 'attack.epsilon', (soFar) => at<number>(soFar, 'attack.epsilon'), {
    meaning: 'epsilon of the evaluation attack.',
    unit: 'pixel value, 0…1',
  }),
  steps: axis(count(1, 10_000), 10, {
    meaning: 'Steps of the evaluation attack (PGD on cross-entropy).',
    unit: 'steps',
  }),
  stepSize: dependentAxis(
    z.number().min(0).max(4),
    '2.5·epsilon/steps',
    (soFar) => (2.5 * at<number>(soFar, 'evaluation.epsilon')) / at<number>(soFar, 'evaluation.steps'),
    { meaning: 'Length of one step of the evaluation attack.', unit: 'pixel value, 0…1' },
  ),
  restarts: axis(count(1, 100), 1, {
    meaning: 'Random starts of the evaluation attack; an image is robust only if it survives all.',
    unit: 'restarts',
  }),
  batchSize: axis(count(1, 65_536), 250, { meaning: 'Images evaluated at once.', unit: 'images' }),
};
