// Well-formed conditions that cannot run: each reason, and the nearest condition that can.
import { describe, expect, it } from 'vitest';
import { expandGrid } from './expand-grid.ts';
import { findConflicts } from './find-conflicts.ts';
import { parseGrid } from './grid.ts';
import { resolveCondition } from './parameters.ts';

const conflictsOf = (base: Readonly<Record<string, unknown>>) => {
  const [{ condition, conflicts }] = expandGrid(parseGrid({ name: 'grid', base, seeds: [1] })).conditions;
  expect(findConflicts(condition)).toEqual(conflicts);
  return conflicts;
};

const big = { 'dataset.trainSize': 59_000, 'dataset.validationSize': 1000 };

describe('a conflict', () => {
  it.each<[base: Record<string, unknown>, field: string, value: unknown, says: string]>([
    [
      { ...big, 'dataset.trainSize': 59_001 },
      'dataset.trainSize',
      59_001,
      'trainSize + validationSize must be at most 60000 (mnist; validationSize is 1000)',
    ],
    [{ 'dataset.testSize': 10_001 }, 'dataset.testSize', 10_001, 'must be at most 10000 (mnist)'],
    [
      { 'loader.dropLast': true, batchSize: 1001 },
      'batchSize',
      1001,
      'must be at most 1000 (trainSize × batchRepeat) when loader.dropLast is set',
    ],
    [{ 'attack.epsilon': 1.5, 'evaluation.epsilon': 1 }, 'attack.epsilon', 1.5, 'must be at most 1 with norm "linf"'],
    [{ 'evaluation.epsilon': 2 }, 'evaluation.epsilon', 2, 'must be at most 1 with norm "linf"'],
    [{ 'attack.replays': 2 }, 'attack.replays', 2, 'must be 1 with method "pgd"; only "free" replays batches'],
    [{ method: 'free', 'attack.norm': 'l2' }, 'attack.norm', 'l2', 'must be "linf" with method "free"'],
    [{ method: 'free', 'attack.steps': 3 }, 'attack.steps', 3, 'must be 1 with method "free"; attack.replays says'],
    [{ method: 'free', 'attack.init': 'uniform' }, 'attack.init', 'uniform', 'must be "zero" with method "free"'],
    [{ method: 'fgsm', 'attack.stepRule': 'adam' }, 'attack.stepRule', 'adam', 'must be "steepest" with attack "fgsm"'],
    [{ method: 'free', 'awp.gamma': 0.01 }, 'awp.gamma', 0.01, 'must be 0 with method "free"'],
    [{ 'loader.batchRepeat': 3 }, 'loader.batchRepeat', 3, 'must divide batchSize 50'],
    [
      { seedingMode: 'per_batch', augmentation: 'pad_crop' },
      'augmentation',
      { name: 'pad_crop', pad: 1 },
      'must draw per batch with seedingMode "per_batch"',
    ],
    [
      { seedingMode: 'single_process', 'loader.workers': 1 },
      'loader.workers',
      1,
      'must be 0 with seedingMode "single_process"',
    ],
    [{ 'optimizer.momentum': 0.9 }, 'optimizer.momentum', 0.9, 'must be 0 with optimizer "adam"'],
    [{ 'optimizer.nesterov': true }, 'optimizer.nesterov', true, 'needs optimizer "sgd" with a momentum above 0'],
    [
      { optimizer: { name: 'sgd', nesterov: true, momentum: 0 } },
      'optimizer.nesterov',
      true,
      'needs optimizer "sgd" with a momentum above 0',
    ],
    [{ beta: 6 }, 'beta', 6, 'must be 0 with method "pgd"'],
    [{ method: 'plain', 'awp.gamma': 0.01 }, 'awp.gamma', 0.01, 'must be 0 with method "plain"'],
    [
      { method: 'trades', 'attack.name': 'fgsm', 'attack.steps': 1 },
      'attack.name',
      'fgsm',
      'must be "pgd" with method "trades"',
    ],
    [{ method: 'mart', augmentation: 'mixup_batch' }, 'method', 'mart', 'needs hard labels'],
    [{ method: 'mart', labelSmoothing: 0.1 }, 'labelSmoothing', 0.1, 'must be 0 with method "mart"'],
    [{ method: 'fgsm', 'attack.name': 'pgd' }, 'attack.name', 'pgd', 'must be "fgsm" with method "fgsm"'],
    [{ method: 'pgd', 'attack.name': 'fgsm' }, 'attack.name', 'fgsm', 'must be "pgd" with method "pgd"'],
    [{ 'attack.name': 'fgsm', 'attack.steps': 3 }, 'attack.steps', 3, 'must be 1 with attack "fgsm"'],
    [{ augmentation: { name: 'cutout', length: 29 } }, 'augmentation.length', 29, 'must be at most the image side 28'],
    [
      { augmentation: ['pad_crop', { name: 'cutout', length: 64 }] },
      'augmentation.length',
      64,
      'must be at most the image side 28',
    ],
  ])('of %j', (base, field, value, says) => {
    const conflicts = conflictsOf(base);
    expect(conflicts).toHaveLength(1);
    expect(conflicts[0]).toMatchObject({ field, value });
    expect(conflicts[0].message).toContain(says);
    expect(conflicts[0].message.endsWith(`, got ${JSON.stringify(value)}`)).toBe(true);
  });

  it.each<[base: Record<string, unknown>]>([
    [{}],
    [big],
    [{ 'dataset.testSize': 10_000 }],
    [{ 'loader.dropLast': true, batchSize: 1000 }],
    [{ 'loader.dropLast': false, batchSize: 1001 }],
    [{ 'loader.dropLast': true, batchSize: 2000, 'loader.batchRepeat': 2 }],
    [{ seedingMode: 'per_batch' }],
    [{ seedingMode: 'main_precomputed', augmentation: ['pad_crop_flip', 'cutout'] }],
    [{ seedingMode: 'single_process' }],
    [{ seedingMode: 'single_process', 'loader.workers': 0 }],
    [{ seedingMode: 'inherited', 'loader.workers': 0 }],
    [{ optimizer: { name: 'adam', momentum: 0 } }],
    [{ optimizer: { name: 'sgd', momentum: 0 } }],
    [{ optimizer: { name: 'sgd', nesterov: true } }],
    [{ method: 'fgsm' }],
    [{ 'attack.name': 'fgsm' }],
    [{ method: 'plain', 'attack.name': 'fgsm' }],
    [{ method: 'plain' }],
    [{ 'dataset.name': 'cifar100', model: 'linear-softmax', 'dataset.trainSize': 100 }],
    [{ method: 'trades', augmentation: 'mixup_batch', 'awp.gamma': 0.005 }],
    [{ method: 'mart', beta: 5 }],
    [{ augmentation: { name: 'cutout', length: 28 } }],
  ])('is none of %j', (base) => {
    expect(conflictsOf(base)).toEqual([]);
  });

  it('does not hide another', () => {
    const { condition } = resolveCondition({
      dataset: { name: 'mnist', trainSize: 60_000, testSize: 20_000 },
      seedingMode: 'single_process',
      method: 'fgsm',
      attack: { name: 'pgd' },
      loader: { workers: 2, dropLast: true },
      batchSize: 60_001,
      optimizer: { name: 'adam', momentum: 0.5, nesterov: true },
      augmentation: [
        { name: 'cutout', length: 30 },
        { name: 'cutout', length: 40 },
      ],
    });
    expect(findConflicts(condition).map(({ field }) => field)).toEqual([
      'dataset.trainSize',
      'dataset.testSize',
      'batchSize',
      'loader.workers',
      'optimizer.momentum',
      'optimizer.nesterov',
      'attack.name',
      'augmentation.length',
      'augmentation.length',
    ]);
  });

  it('belongs to its condition only', () => {
    const { conditions } = expandGrid(
      parseGrid({
        name: 'grid',
        axes: { seedingMode: ['modern', 'single_process'], 'loader.workers': [0, 2] },
        seeds: [1],
      }),
    );
    expect(conditions.map(({ conflicts }) => conflicts.length)).toEqual([0, 0, 0, 1]);
  });
});
