// The axes of the attacks that train and evaluate a model, and what they share with the other axes.
import { z } from 'zod';
import { axis, dependentAxis, readPath, type Resolved } from './axis.ts';
import { suite } from './evaluation-attacks.ts';

export const count = (min: number, max: number) => z.int().min(min).max(max);
export const fraction = z.number().min(0).max(1);
export const at = <T>(soFar: Resolved, path: string): T => readPath(soFar, path) as T;

export const SOURCES = {
  madry: 'Madry et al. 2018, arXiv:1706.06083',
  wong: 'Wong, Rice & Kolter 2020, arXiv:2001.03994',
  trades: 'Zhang et al. 2019, arXiv:1901.08573',
  gowal: 'Gowal et al. 2020, arXiv:2010.03593',
  free: 'Shafahi et al. 2019, arXiv:1904.12843',
  rice: 'Rice, Wong & Kolter 2020, arXiv:2002.11569',
  mart: 'Wang et al. 2020: Improving Adversarial Robustness Requires Revisiting Misclassified Examples',
} as const;

/** Radius of a ball: a pixel value of L∞, a length of L2, which conflicts check apart. */
const radius = z.number().min(0).max(100);
const stepLength = z.number().min(0).max(400);
const FORCE_UNIT = 'pixel value 0…1 (linf), length of the difference (l2)';

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
  norm: axis(z.enum(['linf', 'l2']), 'linf', {
    meaning: 'The norm that bounds a perturbation, in training and in evaluation.',
  }),
  epsilon: axis(radius, 0.1, { meaning: 'Largest perturbation; at most 1 with linf.', unit: FORCE_UNIT }),
  steps: dependentAxis(
    count(1, 1000),
    '1 for fgsm and free, 3 for pgd',
    (soFar) => (at(soFar, 'attack.name') === 'fgsm' || at(soFar, 'method') === 'free' ? 1 : 3),
    { meaning: 'Gradient steps per training example.', unit: 'steps' },
  ),
  stepSize: dependentAxis(
    stepLength,
    '1.25·epsilon for fgsm, epsilon for free, 2.5·epsilon/steps for pgd',
    (soFar) => {
      const epsilon = at<number>(soFar, 'attack.epsilon');
      if (at(soFar, 'method') === 'free') return epsilon;
      return at(soFar, 'attack.name') === 'fgsm' ? 1.25 * epsilon : (2.5 * epsilon) / at<number>(soFar, 'attack.steps');
    },
    {
      meaning: 'Length of one step at full epsilon; it shrinks with epsilon during warm-up.',
      unit: FORCE_UNIT,
    },
  ),
  stepRule: axis(z.enum(['steepest', 'adam']), 'steepest', {
    meaning:
      'How training examples climb: by stepSize along the steepest direction of the norm, or by Adam, whose rate falls from 0.1 to 0.01 halfway and which takes no stepSize.',
    source: `${SOURCES.madry}; ${SOURCES.gowal}`,
  }),
  init: dependentAxis(
    z.enum(['uniform', 'zero', 'normal']),
    '"normal" for trades and mart, "zero" for free, else "uniform"',
    (soFar) => {
      if (at(soFar, 'method') === 'free') return 'zero';
      return isTwoPass(soFar) ? 'normal' : 'uniform';
    },
    {
      meaning:
        'Start of the attack: uniform in the epsilon ball (l2: a uniform direction at a uniform share of epsilon), the clean image, or the clean image with 0.001·N(0, 1).',
      source: `${SOURCES.madry}; ${SOURCES.trades}; ${SOURCES.rice}`,
    },
  ),
  replays: dependentAxis(count(1, 64), '8 for free, else 1', (soFar) => (at(soFar, 'method') === 'free' ? 8 : 1), {
    meaning:
      'How often free trains on each batch in a row; an epoch then costs as much as this many of plain, so divide epochs by it.',
    unit: 'replays',
    source: SOURCES.free,
  }),
  batchNorm: dependentAxis(
    z.enum(['train', 'eval', 'batch_stats']),
    '"eval" for trades and mart, else "train"',
    (soFar) => (isTwoPass(soFar) ? 'eval' : 'train'),
    {
      meaning:
        'How batch norm and dropout work while training examples are crafted: as in training, running statistics moving too (train), as in evaluation (eval), or by the statistics of the batch, which leave the running ones alone (batch_stats, without dropout). Without either it changes nothing.',
      source: 'Pang et al. 2021, arXiv:2010.00467; Gowal et al. 2020, arXiv:2010.03593',
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

export const stopping = {
  overfittingDrop: dependentAxis(
    fraction,
    '0.2 for fgsm, else 0',
    (soFar) => (at(soFar, 'method') === 'fgsm' ? 0.2 : 0),
    {
      meaning:
        'Catastrophic overfitting: when the PGD-5 accuracy on one training batch falls by more than this from one epoch to the next, training stops with the weights of the epoch before; 0 turns the guard off.',
      unit: 'fraction of images',
      source: SOURCES.wong,
    },
  ),
  patience: axis(count(0, 10_000), 0, {
    meaning:
      'Training stops after this many epochs without a higher validation robust accuracy; 0 trains all epochs. The schedule stays that of all epochs.',
    unit: 'epochs',
    source: SOURCES.rice,
  }),
};

export const evaluation = {
  every: axis(count(1, 10_000), 2, {
    meaning: 'Validation after every n-th epoch, and always after the last.',
    unit: 'epochs',
  }),
  epsilon: dependentAxis(radius, 'attack.epsilon', (soFar) => at<number>(soFar, 'attack.epsilon'), {
    meaning: 'epsilon of the evaluation attack, in the norm of attack.norm.',
    unit: FORCE_UNIT,
  }),
  steps: axis(count(1, 10_000), 10, {
    meaning: 'Steps of the evaluation attack (PGD on cross-entropy).',
    unit: 'steps',
  }),
  stepSize: dependentAxis(
    stepLength,
    '2.5·epsilon/steps',
    (soFar) => (2.5 * at<number>(soFar, 'evaluation.epsilon')) / at<number>(soFar, 'evaluation.steps'),
    { meaning: 'Length of one step of the evaluation attack.', unit: FORCE_UNIT },
  ),
  restarts: axis(count(1, 100), 1, {
    meaning: 'Random starts of the evaluation attack; an image is robust only if it survives all.',
    unit: 'restarts',
  }),
  batchSize: axis(count(1, 65_536), 250, { meaning: 'Images evaluated at once.', unit: 'images' }),
  ...suite,
};
