// A grid must say what the images of a folder are, and must not say other things of a named dataset.
import { describe, expect, it } from 'vitest';
import { type Augmentation, AUGMENTATION_NAMES } from './augmentation-parameters.ts';
import { datasetTraits } from './dataset-traits.ts';
import { expandGrid } from './expand-grid.ts';
import { parseGrid } from './grid.ts';

const conditionOf = (dataset: object, base: object = {}) =>
  expandGrid(parseGrid({ name: 'grid', dataset, base, seeds: [1] })).conditions[0];
const conflictsOf = (dataset: object, base: object = {}) => conditionOf(dataset, base).conflicts;

const checksum = 'ab'.repeat(32);
const pets = { name: 'images', folder: 'pets', height: 48, width: 64, channels: 3, classes: 37, checksum };

describe('images', () => {
  it('can run when the grid says what they are, with sizes that only the trainer can check', () => {
    expect(conflictsOf({ ...pets, trainSize: 900_000, testSize: 900_000 })).toEqual([]);
  });

  it.each(['folder', 'height', 'width', 'channels', 'classes', 'checksum'])('need %s', (field) => {
    const { [field as keyof typeof pets]: _, ...incomplete } = pets;
    // A square larger than any image: nothing but what is missing is reported.
    expect(conflictsOf(incomplete, { augmentation: { name: 'cutout', length: 64 } })).toEqual([
      {
        field: `dataset.${field}`,
        message: 'is missing; dataset.name "images" needs it, and npx reseed data describe FOLDER prints it',
      },
    ]);
  });

  it('name everything that is missing, in order', () => {
    const fields = conflictsOf({ name: 'images' }).map(({ field }) => field);
    expect(fields).toEqual(['folder', 'height', 'width', 'channels', 'classes', 'checksum'].map((f) => `dataset.${f}`));
  });

  it('are what augmentations are checked against', () => {
    const [conflict] = conflictsOf(pets, { augmentation: { name: 'cutout', length: 49 } });
    expect(conflict).toMatchObject({ field: 'augmentation.length', value: 49 });
    expect(conflict.message).toContain('must be at most the image side 48');
    expect(conflictsOf({ ...pets, height: 31 }, { model: 'preactresnet-18-deepmind-relu' })).toMatchObject([
      { field: 'model', message: expect.stringContaining('images has 31×64×3') as string },
    ]);
  });
});

describe('a named dataset', () => {
  it.each([
    ['folder', 'pets', '"mnist"'],
    ['height', 32, '28'],
    ['width', 32, '28'],
    ['channels', 3, '1'],
    ['classes', 11, '10'],
    ['checksum', checksum, '"cbedb9ff47df86b83d7971d6447ea661879a8fc8dcdf7ea509bae439cbe82950"'],
  ])('has its own %s', (field, value, own) => {
    expect(conflictsOf({ [field]: value })).toEqual([
      {
        field: `dataset.${field}`,
        value,
        message: `must be ${own} with dataset.name "mnist", got ${JSON.stringify(value)}`,
      },
    ]);
  });

  it('may be written out in full', () => {
    for (const name of ['mnist', 'fashion_mnist', 'cifar10', 'cifar100']) {
      const { condition, conflicts } = conditionOf({ name });
      expect(conflicts).toEqual([]);
      expect(conditionOf(condition.dataset)).toMatchObject({ condition, conflicts: [] });
    }
  });
});

describe('the traits of images', () => {
  const traits = (side: object) => datasetTraits({ ...pets, name: 'images', ...side });

  it('are those of the block, with half as mean and spread', () => {
    expect(traits({})).toEqual({
      imageShape: [48, 64, 3],
      classes: 37,
      trainImages: null,
      testImages: null,
      defaultPad: 6,
      defaultCutout: 24,
      normalisation: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      checksum,
    });
    expect(traits({ channels: 1 }).normalisation).toEqual({ mean: [0.5], std: [0.5] });
  });

  it.each([
    [8, 1, 4],
    [32, 4, 16],
    [100, 13, 50],
    [512, 16, 64],
  ])('of side %i pad by %i and cut squares of %i', (side, pad, length) => {
    const augmentation = (name: string) =>
      conditionOf({ ...pets, height: side, width: side }, { augmentation: name }).condition.augmentation;
    expect(augmentation('pad_crop')).toEqual({ name: 'pad_crop', pad });
    expect(augmentation('cutout')).toEqual({ name: 'cutout', length });
  });

  it('give every augmentation defaults that the smallest images take', () => {
    for (const augmentation of AUGMENTATION_NAMES) {
      const { condition, conflicts } = conditionOf({ ...pets, height: 8, width: 8 }, { augmentation });
      expect([condition.augmentation as Augmentation, conflicts]).toEqual([condition.augmentation, []]);
    }
  });
});
