// Which written values a resolved condition matches.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesCondition, matchesValue } from './match-condition.ts';
import { resolveCondition } from './parameters.ts';

const crop = { name: 'pad_crop', pad: 1 };
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
    [
      ['pad_crop', { name: 'cutout' }],
      [crop, cutout],
    ],
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
