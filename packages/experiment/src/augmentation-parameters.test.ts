// The canonical form of an augmentation and its label.
import { describe, expect, it } from 'vitest';
import {
  type Augmentation,
  AUGMENTATION_NAMES,
  AUGMENTATION_SCHEMAS,
  augmentationItems,
  describeAugmentation,
  resolveAugmentation,
  type WrittenAugmentation,
} from './augmentation-parameters.ts';

const onMnist = (written: WrittenAugmentation) => resolveAugmentation(written, { dataset: { name: 'mnist' } });

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
});
