// Augmentations that cannot run as they are written: by seeding mode, by their order in a list, by size; one case each.
import { describe, expect, it } from 'vitest';
import {
  AUGMENTATION_FACTS,
  AUGMENTATION_NAMES,
  type AugmentationName,
  type WrittenAugmentation,
} from './augmentation-parameters.ts';
import { findConflicts } from './find-conflicts.ts';
import { resolveCondition } from './parameters.ts';
import { SEEDING_MODES, type SeedingMode } from './seeding-mode.ts';

function conflictsOf(augmentation: WrittenAugmentation, seedingMode: SeedingMode = 'modern', dataset = 'mnist') {
  const { condition } = resolveCondition({ dataset: { name: dataset }, augmentation, seedingMode });
  return findConflicts(condition).filter(({ field }) => field.startsWith('augmentation'));
}
const served = (mode: SeedingMode): AugmentationName[] =>
  AUGMENTATION_NAMES.filter((name) => conflictsOf(name, mode).length === 0);

const PER_BATCH: AugmentationName[] = ['cutmix_batch', 'mixup_batch', 'ricap_batch'];
const CHOICES: AugmentationName[] = [
  'none',
  'pad_crop',
  'pad_crop_flip',
  'cutout',
  'hflip',
  'cutout_inside',
  'trivial_augment',
  'rand_augment',
];

describe('a seeding mode', () => {
  it('per_batch serves what draws per batch, and none', () => {
    expect(served('per_batch')).toEqual(['none', ...PER_BATCH]);
  });

  it('main_precomputed serves choices among fixed options per sample', () => {
    expect(served('main_precomputed')).toEqual(CHOICES);
  });

  it.each(['torch_rng', 'python_rng', 'jax_fold_in'] as const)(
    '%s serves what needs no beta or permutation',
    (mode) => {
      expect(served(mode)).toEqual(
        AUGMENTATION_NAMES.filter((name) => AUGMENTATION_FACTS[name].draws !== 'numpy_only'),
      );
      expect(served(mode)).not.toContain('cutmix_sample');
      expect(served(mode)).toContain('idbh');
    },
  );

  const special = ['per_batch', 'main_precomputed', 'torch_rng', 'python_rng', 'jax_fold_in'];
  it.each(SEEDING_MODES.filter((mode) => !special.includes(mode)))('%s serves everything', (mode) => {
    expect(served(mode)).toEqual(AUGMENTATION_NAMES);
  });

  it.each<[SeedingMode, WrittenAugmentation, says: string]>([
    ['per_batch', ['hflip', 'mixup_batch'], 'must draw per batch with seedingMode "per_batch"; hflip cannot, got ['],
    [
      'main_precomputed',
      ['pad_crop', 'random_erasing', 'idbh', 'idbh'],
      'choices among fixed options only, with seedingMode "main_precomputed"; random_erasing and idbh cannot, got [',
    ],
    ['main_precomputed', 'mixup_batch', 'must draw per sample, and choices'],
    [
      'torch_rng',
      ['hflip', 'cutmix_sample'],
      'must not draw beta, normal or permutation, which torch’s generator does not serve, with seedingMode "torch_rng"; cutmix_sample cannot',
    ],
    ['python_rng', 'cutmix_batch', 'which Python’s random does not serve'],
    ['jax_fold_in', 'ricap_batch', 'which jax.random does not serve'],
  ])('%s refuses %j by name', (mode, augmentation, says) => {
    const conflicts = conflictsOf(augmentation, mode);
    expect(conflicts).toHaveLength(1);
    expect(conflicts[0].field).toBe('augmentation');
    expect(conflicts[0].message).toContain(says);
  });
});

describe('a list', () => {
  it('has what draws per sample first', () => {
    const [conflict, ...more] = conflictsOf(['pad_crop', 'mixup_batch', 'cutout', 'hflip']);
    expect(more).toEqual([]);
    expect(conflict.field).toBe('augmentation');
    expect(conflict.message).toContain('cutout stands after mixup_batch, which draws per batch, got [');
    expect(conflictsOf(['pad_crop', 'cutmix_sample', 'mixup_batch', 'cutmix_batch'])).toEqual([]);
    expect(conflictsOf(['mixup_batch', 'none'])).toEqual([]);
  });
});

describe('a size', () => {
  it.each<[WrittenAugmentation, dataset: string, field: string, value: number, says: string]>([
    [{ name: 'cutout', length: 29 }, 'mnist', 'length', 29, 'must be at most the image side 28'],
    [{ name: 'cutout_inside', length: 33 }, 'cifar10', 'length', 33, 'must be at most the image side 32'],
    [{ name: 'cutmix_batch', window: 29 }, 'mnist', 'window', 29, 'must be at most the image side 28'],
    [{ name: 'cutmix_sample', window: 64 }, 'mnist', 'window', 64, 'must be at most the image side 28'],
    [{ name: 'cropshift', high: 29 }, 'mnist', 'high', 29, 'must be at most the image side 28'],
    [{ name: 'idbh', high: 33 }, 'cifar10', 'high', 33, 'must be at most the image side 32'],
    [{ name: 'cropshift', low: 7 }, 'mnist', 'low', 7, 'must be at most high, which is 6'],
    [{ name: 'cropshift', low: 28, high: 28 }, 'mnist', 'low', 28, 'must be less than the image side 28'],
    [['hflip', { name: 'idbh', low: 10 }], 'cifar10', 'low', 10, 'must be at most high, which is 9'],
  ])('of %j on %s is refused', (augmentation, dataset, key, value, says) => {
    const [conflict, ...more] = conflictsOf(augmentation, 'modern', dataset);
    expect(more).toEqual([]);
    expect(conflict).toMatchObject({ field: `augmentation.${key}`, value });
    expect(conflict.message).toContain(says);
  });

  it.each<[WrittenAugmentation]>([
    [{ name: 'cutout_inside', length: 28 }],
    [{ name: 'cutmix_batch', window: 28 }],
    [{ name: 'cropshift', high: 28 }],
    [{ name: 'cropshift', low: 27, high: 27 }],
    [{ name: 'pad_crop', pad: 16, fill: 'reflect' }],
  ])('of %j is not', (augmentation) => {
    expect(conflictsOf(augmentation)).toEqual([]);
  });
});
