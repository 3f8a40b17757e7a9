// The canonical form of an augmentation and its label.
import { describe, expect, it } from 'vitest';
import {
  type Augmentation,
  AUGMENTATION_NAMES,
  AUGMENTATION_SCHEMAS,
  augmentationItems,
  augmentationSchema,
  describeAugmentation,
  resolveAugmentation,
  type WrittenAugmentation,
} from './augmentation-parameters.ts';

const on = (dataset: string, written: WrittenAugmentation) =>
  resolveAugmentation(written, { dataset: { name: dataset } });
const onMnist = (written: WrittenAugmentation) => on('mnist', written);

describe('an augmentation', () => {
  it.each<[written: WrittenAugmentation, canonical: Augmentation, label: string]>([
    ['none', 'none', 'none'],
    [{ name: 'none' }, 'none', 'none'],
    [['none', { name: 'none' }], 'none', 'none'],
    ['pad_crop', { name: 'pad_crop', pad: 1 }, 'pad_crop(pad=1)'],
    [{ name: 'pad_crop', pad: 0 }, { name: 'pad_crop', pad: 0 }, 'pad_crop(pad=0)'],
    [['none', 'cutout'], { name: 'cutout', length: 10 }, 'cutout(length=10)'],
    [
      ['pad_crop_flip', 'none', { name: 'cutout', length: 3 }],
      [
        { name: 'pad_crop_flip', pad: 1 },
        { name: 'cutout', length: 3 },
      ],
      'pad_crop_flip(pad=1)+cutout(length=3)',
    ],
    [
      ['cutout', 'cutout'],
      [
        { name: 'cutout', length: 10 },
        { name: 'cutout', length: 10 },
      ],
      'cutout(length=10)+cutout(length=10)',
    ],
    // What came later than the first runs shows only where it differs, so that their runKeys stay.
    [{ name: 'pad_crop', fill: 'zero' }, { name: 'pad_crop', pad: 1 }, 'pad_crop(pad=1)'],
    [
      { fill: 'reflect', pad: 2, name: 'pad_crop_flip' },
      { name: 'pad_crop_flip', pad: 2, fill: 'reflect' },
      'pad_crop_flip(pad=2,fill=reflect)',
    ],
    ['hflip', { name: 'hflip' }, 'hflip'],
    ['cutmix_batch', { name: 'cutmix_batch', alpha: 1 }, 'cutmix_batch(alpha=1)'],
    [
      { window: 18, name: 'cutmix_sample' },
      { name: 'cutmix_sample', beta: 1, probability: 1, window: 18 },
      'cutmix_sample(beta=1,probability=1,window=18)',
    ],
    [
      { name: 'rand_augment', magnitude: 3 },
      { name: 'rand_augment', operations: 1, magnitude: 3 },
      'rand_augment(operations=1,magnitude=3)',
    ],
  ])('%j has one canonical form', (written, canonical, label) => {
    expect(onMnist(written)).toEqual(canonical);
    expect(describeAugmentation(canonical)).toBe(label);
    expect(onMnist(canonical)).toEqual(canonical);
  });

  it('has its items in the order in which they are applied', () => {
    expect(augmentationItems('none')).toEqual([]);
    expect(augmentationItems({ name: 'cutout', length: 3 })).toEqual([{ name: 'cutout', length: 3 }]);
    const list = onMnist(['cutout', 'pad_crop']);
    expect(augmentationItems(list)).toEqual(list);
  });

  it.each(AUGMENTATION_NAMES)('%s resolves to what its own schema takes', (name) => {
    const [item = { name: 'none' }] = augmentationItems(onMnist(name));
    expect(AUGMENTATION_SCHEMAS[name].safeParse(item).error).toBeUndefined();
    expect(item.name).toBe(name);
  });

  it.each<[written: WrittenAugmentation, grey: string, colour: string]>([
    ['pad_crop', 'pad_crop(pad=1)', 'pad_crop(pad=4)'],
    ['pad_crop_flip', 'pad_crop_flip(pad=1)', 'pad_crop_flip(pad=4)'],
    ['cutout', 'cutout(length=10)', 'cutout(length=16)'],
    ['cutout_inside', 'cutout_inside(length=10)', 'cutout_inside(length=14)'],
    ['random_erasing', 'random_erasing(probability=0.5)', 'random_erasing(probability=0.5)'],
    ['mixup_batch', 'mixup_batch(alpha=0.2)', 'mixup_batch(alpha=1)'],
    ['ricap_batch', 'ricap_batch(beta=0.3)', 'ricap_batch(beta=0.3)'],
    ['color_jitter', 'color_jitter(brightness=0.2,contrast=0.2)', 'color_jitter(brightness=0.4,contrast=0.4)'],
    ['trivial_augment', 'trivial_augment(translate=8,rotate=30)', 'trivial_augment(translate=32,rotate=135)'],
    ['rand_augment', 'rand_augment(operations=1,magnitude=5)', 'rand_augment(operations=2,magnitude=9)'],
    [
      'affine_jitter',
      'affine_jitter(degrees=10,translate=2,scale=0.1)',
      'affine_jitter(degrees=10,translate=2,scale=0.1)',
    ],
    ['cropshift', 'cropshift(low=0,high=6)', 'cropshift(low=0,high=9)'],
    ['idbh', 'idbh(low=0,high=6,probability=0.5)', 'idbh(low=0,high=9,probability=0.5)'],
  ])('%s has the defaults of the image size', (written, grey, colour) => {
    expect(describeAugmentation(on('mnist', written))).toBe(grey);
    expect(describeAugmentation(on('cifar10', written))).toBe(colour);
  });

  it('is refused with a parameter of another, an unknown fill or a weight that no Beta has', () => {
    const bad = [
      { name: 'hflip', pad: 1 },
      { name: 'pad_crop', fill: 'edge' },
      { name: 'mixup_batch', alpha: 0 },
      { name: 'cutmix_batch', beta: 1 },
      { name: 'cutmix_sample', probability: 1.1 },
      { name: 'affine_jitter', scale: 1 },
      { name: 'rand_augment', magnitude: 31 },
    ];
    for (const value of bad) expect(augmentationSchema.safeParse(value).success, JSON.stringify(value)).toBe(false);
  });
});
