// The studies that ship: they parse, can run, and compare what they hold.
import { describe, expect, it } from 'vitest';
import { describeAugmentation } from './augmentation-parameters.ts';
import { expandGrid } from './expand-grid.ts';
import { parseGrid } from './grid.ts';
import { resolveCondition } from './parameters.ts';
import { readTemplate, templateNames, UnknownTemplateError } from './study-template.ts';

/** Conditions × seeds of each. */
const SIZES: Readonly<Record<string, readonly [conditions: number, seeds: number]>> = {
  calibration: [10, 10],
  factorial: [18, 8],
  'reassess-full': [37, 6],
  'reassess-small': [21, 6],
  'reassess-tiny': [4, 3],
  'robust-overfitting': [5, 6],
};

it('are those of which the sizes are known', () => {
  expect(templateNames().sort()).toEqual(Object.keys(SIZES));
});

describe.each(templateNames())('%s', (name) => {
  const grid = parseGrid(readTemplate(name));
  const expansion = expandGrid(grid);

  it('bears its own name and says what it asks', () => {
    expect(grid.name).toBe(name);
    expect((readTemplate(name) as { description: string }).description).toMatch(/\?/);
  });

  it('has conditions that can run and differ', () => {
    expect([expansion.conditions.length, expansion.seeds.length]).toEqual(SIZES[name]);
    expect(expansion.conditions.flatMap(({ conflicts }) => conflicts)).toEqual([]);
    expect(expansion.duplicates).toEqual([]);
    expect(expansion.identical).toEqual([]);
  });

  it('has conditions that resolve to themselves, as they do when they come back from storage', () => {
    for (const { condition } of expansion.conditions) {
      const stored = JSON.parse(JSON.stringify(condition)) as Record<string, unknown>;
      expect(resolveCondition(stored).condition).toEqual(condition);
    }
  });
});

it('reassess-tiny trains no augmentation once and pad-and-crop under three seeding modes', () => {
  const { conditions, seeds } = expandGrid(parseGrid(readTemplate('reassess-tiny')));
  expect(
    conditions.map(({ condition }) => [describeAugmentation(condition.augmentation), condition.seedingMode]),
  ).toEqual([
    ['none', 'modern'],
    ['pad_crop(pad=1)', 'modern'],
    ['pad_crop(pad=1)', 'inherited'],
    ['pad_crop(pad=1)', 'fixed_per_sample'],
  ]);
  expect(seeds).toEqual([401918031, 681718039, 75879131]);
});

it('reassess-tiny has one primary comparison, the bug, and two controls', () => {
  const { compare } = parseGrid(readTemplate('reassess-tiny'));
  expect(compare.map(({ id, role, metric, margin }) => [id, role, metric, margin])).toEqual([
    ['bug', 'primary', 'robustAccuracyFinal', 0.01],
    ['augmented-once', 'control', 'robustAccuracyFinal', 0.01],
    ['no-augmentation', 'control', 'robustAccuracyFinal', 0.01],
  ]);
});

it('a template that does not exist is refused with the nearest name', () => {
  expect(templateNames()).toContain('reassess-tiny');
  const read = () => readTemplate('reasses-tiny');
  expect(read).toThrow(UnknownTemplateError);
  expect(read).toThrow('did you mean "reassess-tiny"?');
  for (const name of ['../package', '', 'reassess-tiny.json'])
    expect(() => readTemplate(name)).toThrow(`unknown name "${name}"`);
});
