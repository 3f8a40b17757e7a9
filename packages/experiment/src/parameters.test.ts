// The defaults: those of the small study, and those that follow from other parameters as their own words say.
import { describe, expect, it } from 'vitest';
import { readPath } from './axis.ts';
import { AXES, resolveCondition } from './parameters.ts';

const resolve = (given: Readonly<Record<string, unknown>>) => {
  const { condition, scheduling } = resolveCondition(given);
  return { ...condition, ...scheduling };
};

/** `printf %s+%s+%s+%s $(sha256sum train-images… train-labels… t10k-images… t10k-labels… | cut -c1-64) | sha256sum` */
const MNIST_CHECKSUM = 'cbedb9ff47df86b83d7971d6447ea661879a8fc8dcdf7ea509bae439cbe82950';
const CIFAR100 = { dataset: { name: 'cifar100' } };
const OF_IMAGES = { name: 'images', folder: 'pets', height: 64, width: 48, channels: 3, classes: 37, checksum: 'c' };

describe('the defaults', () => {
  it('are the small study: MNIST, Linf 0.1, PGD-3, Adam 2e-3 and ×0.1 at 70 %, epsilon warm-up over 40 %, 4 workers', () => {
    expect(resolve({})).toEqual({
      dataset: {
        name: 'mnist',
        trainSize: 1000,
        validationSize: 1000,
        testSize: 1000,
        splitSeed: 0,
        folder: 'mnist',
        height: 28,
        width: 28,
        channels: 1,
        classes: 10,
        checksum: MNIST_CHECKSUM,
      },
      seedingMode: 'modern',
      augmentation: 'none',
      model: 'tiny-cnn',
      normalisation: 'none',
      method: 'pgd',
      beta: 0,
      epochs: 20,
      batchSize: 50,
      labelSmoothing: 0,
      attack: {
        name: 'pgd',
        norm: 'linf',
        epsilon: 0.1,
        steps: 3,
        stepSize: 0.25 / 3,
        stepRule: 'steepest',
        init: 'uniform',
        replays: 1,
        batchNorm: 'train',
      },
      awp: { gamma: 0 },
      loader: { workers: 4, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 },
      optimizer: { name: 'adam', learningRate: 2e-3, momentum: 0, nesterov: false, weightDecay: 0 },
      schedule: { name: 'piecewise', milestones: [0.7], factor: 0.1, peak: 0.4 },
      warmup: { epsilonFraction: 0.4 },
      averaging: { decay: 0, startFraction: 0 },
      stopping: { overfittingDrop: 0, patience: 0 },
      evaluation: {
        every: 2,
        epsilon: 0.1,
        steps: 10,
        stepSize: 0.025,
        restarts: 1,
        batchSize: 250,
        attacks: [],
        weights: ['final', 'best'],
        gates: false,
      },
      priority: 0,
      requires: { device: 'auto' },
    });
  });

  it('crop by 1 pixel and cut squares of 10 on MNIST', () => {
    expect(resolve({ augmentation: ['pad_crop', 'pad_crop_flip', 'cutout'] }).augmentation).toEqual([
      { name: 'pad_crop', pad: 1 },
      { name: 'pad_crop_flip', pad: 1 },
      { name: 'cutout', length: 10 },
    ]);
  });

  it.each([...AXES])('of %s are themselves allowed', (path, axis) => {
    expect(axis.schema.safeParse(readPath(resolve({}), path)).error).toBeUndefined();
  });

  it('that are fixed are what the catalogue says', () => {
    const fixed = [...AXES].filter(([, { defaultText }]) => !DEPENDENT.includes(defaultText));
    expect(fixed.length).toBeGreaterThan(20);
    for (const [path, { defaultText }] of fixed)
      if (path !== 'augmentation') expect(readPath(resolve({}), path)).toEqual(JSON.parse(defaultText));
  });
});

const FOLLOWS: Readonly<Record<string, [given: Record<string, unknown>, value: unknown][]>> = {
  'the folder of the original files; must be given for images': [
    [CIFAR100, 'cifar-100-binary'],
    [{ dataset: OF_IMAGES }, 'pets'],
  ],
  'rows of the images of the dataset; must be given for images': [
    [CIFAR100, 32],
    [{ dataset: OF_IMAGES }, 64],
  ],
  'columns of the images of the dataset; must be given for images': [[{ dataset: OF_IMAGES }, 48]],
  'channels of the images of the dataset; must be given for images': [
    [CIFAR100, 3],
    [{ dataset: { name: 'fashion_mnist' } }, 1],
  ],
  'classes of the dataset; must be given for images': [
    [CIFAR100, 100],
    [{ dataset: OF_IMAGES }, 37],
  ],
  'that of the checksums of the original files; must be given for images': [[{}, MNIST_CHECKSUM]],
  '"fgsm" when method is "fgsm", else "pgd"': [
    [{ method: 'fgsm' }, 'fgsm'],
    [{ method: 'pgd' }, 'pgd'],
    [{ method: 'plain' }, 'pgd'],
  ],
  '6 for trades and mart, else 0': [
    [{ method: 'trades' }, 6],
    [{ method: 'mart' }, 6],
    [{ method: 'pgd' }, 0],
  ],
  '"normal" for trades and mart, "zero" for free, else "uniform"': [
    [{ method: 'mart' }, 'normal'],
    [{ method: 'free' }, 'zero'],
    [{ method: 'fgsm' }, 'uniform'],
  ],
  '8 for free, else 1': [
    [{ method: 'free' }, 8],
    [{ method: 'fgsm' }, 1],
  ],
  '"eval" for trades and mart, else "train"': [
    [{ method: 'trades' }, 'eval'],
    [{ method: 'pgd' }, 'train'],
  ],
  '0.2 for fgsm, else 0': [
    [{ method: 'fgsm' }, 0.2],
    [{ method: 'free' }, 0],
  ],
  '"dataset" for residual networks but those of TRADES, else "none"': [
    [{ model: 'preactresnet-18' }, 'dataset'],
    [{ model: 'wrn-40-2-trades' }, 'none'],
    [{ model: 'tiny-cnn-bn' }, 'none'],
  ],
  '1 for fgsm and free, 3 for pgd': [
    [{ method: 'free' }, 1],
    [{ attack: { name: 'fgsm' } }, 1],
    [{ attack: { name: 'pgd' } }, 3],
    [{ method: 'fgsm' }, 1],
  ],
  '1.25·epsilon for fgsm, epsilon for free, 2.5·epsilon/steps for pgd': [
    [{ method: 'free', attack: { epsilon: 0.2 } }, 0.2],
    [{ attack: { name: 'fgsm', epsilon: 0.2 } }, 0.25],
    [{ attack: { name: 'pgd', epsilon: 0.2, steps: 10 } }, 0.05],
    [{ attack: { epsilon: 0 } }, 0],
  ],
  '0 for single_process, else 4': [
    [{ seedingMode: 'single_process' }, 0],
    [{ seedingMode: 'per_sample' }, 4],
  ],
  '0.002 for adam, 0.1 for sgd': [
    [{ optimizer: { name: 'adam' } }, 0.002],
    [{ optimizer: { name: 'sgd' } }, 0.1],
  ],
  '0.9 for sgd, 0 for adam': [
    [{ optimizer: { name: 'sgd' } }, 0.9],
    [{ optimizer: { name: 'adam' } }, 0],
  ],
  'attack.epsilon': [[{ attack: { epsilon: 0.3 } }, 0.3]],
  '2.5·epsilon/steps': [
    [{ attack: { epsilon: 0.2 } }, 0.05],
    [{ evaluation: { epsilon: 0.4, steps: 20 } }, 0.05],
  ],
  '"fgsm" when attack.name is "fgsm", else "pgd"': [
    [{ attack: { name: 'fgsm' } }, 'fgsm'],
    [{ attack: { name: 'pgd' } }, 'pgd'],
    [{ attack: { steps: 1 } }, 'pgd'],
  ],
};
const DEPENDENT = Object.keys(FOLLOWS);

describe('a default that follows', () => {
  it('is tested below where its words are no value', () => {
    const isValue = (text: string) => {
      try {
        return JSON.parse(text) !== undefined;
      } catch {
        return false;
      }
    };
    const words = [...AXES].filter(([path, { defaultText }]) => path !== 'augmentation' && !isValue(defaultText));
    expect(words.map(([, { defaultText }]) => defaultText).toSorted()).toEqual(DEPENDENT.toSorted());
  });

  it.each(DEPENDENT)('%s', (words) => {
    const [path] = [...AXES].find(([, { defaultText }]) => defaultText === words) ?? [''];
    for (const [given, value] of FOLLOWS[words]) expect(readPath(resolve(given), path)).toBe(value);
  });

  it('gives way to a written value', () => {
    const { attack, method, loader, optimizer, evaluation } = resolve({
      method: 'fgsm',
      seedingMode: 'single_process',
      attack: { name: 'pgd', steps: 2, stepSize: 0 },
      loader: { workers: 3 },
      optimizer: { name: 'sgd', momentum: 0, learningRate: 5 },
      evaluation: { epsilon: 0, stepSize: 1 },
    });
    expect([method, attack.name, attack.steps, attack.stepSize]).toEqual(['fgsm', 'pgd', 2, 0]);
    expect([loader.workers, optimizer.momentum, optimizer.learningRate]).toEqual([3, 0, 5]);
    expect([evaluation.epsilon, evaluation.stepSize]).toEqual([0, 1]);
  });
});
