// Which written values a resolved condition matches.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUGMENTATION_NAMES } from './augmentation-parameters.ts';
import { expandGrid } from './expand-grid.ts';
import { parseGrid } from './grid.ts';
import { matchesCondition, matchesValue } from './match-condition.ts';
import { resolveCondition } from './parameters.ts';

const crop = { name: 'pad_crop', pad: 1 };
const reflected = { ...crop, fill: 'reflect' };
const cutout = { name: 'cutout', length: 8 };

describe('a written value', () => {
  it.each<[written: unknown, resolved: unknown]>([
    [0.1, 0.1],
    [-0, 0],
    [true, true],
    ['modern', 'modern'],
    ['none', 'none'],
    [{ name: 'none' }, 'none'],
    [['none'], 'none'],
    ['pad_crop', crop],
    [{ name: 'pad_crop' }, crop],
    [{ pad: 1 }, crop],
    [crop, crop],
    [['pad_crop'], crop],
    [{ name: 'pad_crop', fill: 'zero' }, crop],
    [['none', 'pad_crop'], crop],
    [['pad_crop', { name: 'none' }], crop],
    [['none', { name: 'none' }], 'none'],
    [
      ['pad_crop', { name: 'cutout' }],
      [crop, cutout],
    ],
    [
      ['none', { name: 'pad_crop', fill: 'zero' }, 'none', 'cutout'],
      [crop, cutout],
    ],
    [{ name: 'pad_crop', fill: 'reflect' }, reflected],
    [
      [0.5, 0.7],
      [0.5, 0.7],
    ],
    [[], []],
  ])('%j matches %j', (written, resolved) => {
    expect(matchesValue(written, resolved)).toBe(true);
  });

  it.each<[written: unknown, resolved: unknown]>([
    [0.1, 0.2],
    ['1', 1],
    [false, 0],
    [null, 'none'],
    ['none', crop],
    [{ name: 'none' }, crop],
    ['cutout', 'none'],
    ['cutout', crop],
    ['pad_crop_flip', crop],
    [{ name: 'pad_crop', pad: 2 }, crop],
    [{ name: 'pad_crop', length: 1 }, crop],
    [{ name: 'pad_crop', fill: 'reflect' }, crop],
    [{ name: 'pad_crop', fill: 'zero' }, reflected],
    [['none', { name: 'pad_crop', fill: 'zero' }], reflected],
    [['none', 'pad_crop'], 'none'],
    [['none', 'pad_crop'], cutout],
    [{ name: 'hflip', fill: 'zero' }, { name: 'hflip' }],
    ['pad_crop', [crop, cutout]],
    [['pad_crop'], [crop, cutout]],
    [
      ['cutout', 'pad_crop'],
      [crop, cutout],
    ],
    [[crop, cutout], crop],
    [[0.5], [0.5, 0.7]],
    [[], 'none'],
    [{ name: 'modern' }, 3],
    [undefined, 'none'],
  ])('%j does not match %j', (written, resolved) => {
    expect(matchesValue(written, resolved)).toBe(false);
  });

  it('matches itself, whatever JSON it is', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => matchesValue(value, structuredClone(value))));
  });
});

/** Augmentations as a grid may write them: names, objects with some of the parameters, lists of both. */
const writtenItem = fc.constantFrom(...AUGMENTATION_NAMES).chain((name): fc.Arbitrary<unknown> => {
  const { condition } = resolveCondition({ augmentation: name });
  const whole = name === 'none' ? { name } : (condition.augmentation as unknown as Record<string, unknown>);
  const filled = 'pad' in whole ? fc.constantFrom({}, { fill: 'zero' }, { fill: 'reflect' }) : fc.constant({});
  const some = fc.tuple(fc.subarray(Object.entries(whole)), filled);
  return fc.oneof(
    fc.constant(name),
    some.map(([entries, fill]) => ({ ...Object.fromEntries(entries), ...fill, name })),
  );
});
const written = fc.oneof(writtenItem, fc.array(writtenItem, { minLength: 1, maxLength: 8 })) as fc.Arbitrary<object>;

describe('an augmentation', () => {
  const excluding = (augmentation: unknown, excluded: unknown) =>
    expandGrid(
      parseGrid({
        name: 'grid',
        axes: { augmentation: [augmentation], seedingMode: ['modern', 'inherited'] },
        exclude: [{ augmentation: excluded, seedingMode: 'inherited' }],
        compare: { factor: 'augmentation', baseline: excluded, where: { augmentation: excluded }, ...measured },
        seeds: [1],
      }),
    ).conditions.map(({ condition }) => condition.seedingMode);
  const measured = { metric: 'robustAccuracyFinal', margin: 0.01 };

  it('is excluded, chosen and a baseline as it was written', () => {
    fc.assert(
      fc.property(written, (augmentation) => {
        expect(excluding(augmentation, augmentation)).toEqual(['modern']);
      }),
    );
  });

  it('is excluded however the same one is written', () => {
    const explicit = { name: 'pad_crop', pad: 1, fill: 'zero' };
    expect(excluding('pad_crop', explicit)).toEqual(['modern']);
    expect(excluding(explicit, ['none', 'pad_crop'])).toEqual(['modern']);
    expect(() => excluding({ ...explicit, fill: 'reflect' }, explicit)).toThrow('matches no condition');
  });
});

describe('a condition', () => {
  const { condition } = resolveCondition({ augmentation: 'pad_crop', attack: { epsilon: 0.2 } });
  it('matches when it has every one of the values', () => {
    const matches = (values: Record<string, unknown>) => matchesCondition(Object.entries(values), condition);
    expect(matches({})).toBe(true);
    expect(matches({ augmentation: 'pad_crop', 'attack.epsilon': 0.2, epochs: 20 })).toBe(true);
    expect(matches({ attack: { epsilon: 0.2 } })).toBe(true);
    expect(matches({ augmentation: 'pad_crop', 'attack.epsilon': 0.1 })).toBe(false);
    expect(matches({ 'attack.colour': 1 })).toBe(false);
    expect(matches({ 'model.name': 'tiny-cnn' })).toBe(false);
  });
});
