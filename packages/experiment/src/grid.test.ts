// What a grid refuses outside its axis values: every issue names field, value and limit, and all of a body come at once.
import { spreadSeeds } from '@reseed/rng';
import { describe, expect, it } from 'vitest';
import { readPath } from './axis.ts';
import { gridSchema, parseGrid } from './grid.ts';
import { GridError, type GridIssue } from './grid-error.ts';
import { AXES, resolveCondition } from './parameters.ts';

const VALID = { name: 'grid', seeds: [1] };
const PLAN = { factor: 'epochs', baseline: 20, metric: 'robustAccuracyFinal', margin: 0.01 };

/** The issues of a body, posted as JSON (which has no undefined); fails where it is accepted. */
function issuesOf(body: unknown): readonly GridIssue[] {
  try {
    parseGrid(JSON.parse(JSON.stringify(body)));
  } catch (error) {
    if (error instanceof GridError) return error.issues;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(body)}`);
}

/** The issues of a valid grid in which these fields are replaced. */
const issuesWith = (fields: Readonly<Record<string, unknown>>) => issuesOf({ ...VALID, ...fields });
const fieldsOf = (issues: readonly GridIssue[]) => issues.map(({ field }) => field);

describe('unknown keys', () => {
  const comparison = (fields: object) => ({ compare: [PLAN, { ...PLAN, ...fields }] });
  it.each<[body: Record<string, unknown>, field: string, nearest: string | undefined]>([
    [{ seed: [1] }, 'seed', 'seeds'],
    [{ ax: {} }, 'ax', 'axes'],
    [{ somethingElse: 1 }, 'somethingElse', undefined],
    [{ dataset: { trainsize: 5 } }, 'dataset.trainsize', 'dataset.trainSize'],
    [{ dataset: { quantisation: 5 } }, 'dataset.quantisation', undefined],
    [{ base: { epoch: 5 } }, 'base.epoch', 'epochs'],
    [{ base: { attack: { epsilonn: 0.1 } } }, 'base.attack.epsilonn', 'attack.epsilon'],
    [{ base: { 'attack.epsilonn': 0.1 } }, 'base.attack.epsilonn', 'attack.epsilon'],
    [{ base: { 'atack.epsilon': 0.1 } }, 'base.atack.epsilon', 'attack.epsilon'],
    [{ base: { epsilonn: 0.1 } }, 'base.epsilonn', 'attack.epsilon'],
    [{ base: { atack: { epsilon: 0.1 } } }, 'base.atack', 'attack'],
    [{ base: { optimiser: { name: 'sgd' } } }, 'base.optimiser', 'optimizer'],
    [{ base: { 'attack.epsilon.max': 0.1 } }, 'base.attack.epsilon.max', 'attack.epsilon'],
    [{ axes: { augmentations: ['none'] } }, 'axes.augmentations', 'augmentation'],
    [{ axes: { loader: { worker: [1] } } }, 'axes.loader.worker', 'loader.workers'],
    [{ seeds: { cuont: 3 } }, 'seeds.cuont', 'count'],
    [{ seeds: { count: 3, mastr: 1 } }, 'seeds.mastr', 'master'],
    [{ include: [{}, { seedMode: 'modern' }] }, 'include[1].seedMode', 'seedingMode'],
    [{ exclude: [{ schedule: { nam: 'cosine' } }] }, 'exclude[0].schedule.nam', 'schedule.name'],
    [comparison({ fctor: 'epochs' }), 'compare[1].fctor', 'factor'],
    [{ compare: { ...PLAN, wher: {} } }, 'compare.wher', 'where'],
    [comparison({ where: { seedingmode: 'modern' } }), 'compare[1].where.seedingmode', 'seedingMode'],
    [{ base: { augmentation: { name: 'pad_crop', pads: 1 } } }, 'base.augmentation.pads', 'pad'],
    [
      { axes: { augmentation: ['none', ['none', { name: 'cutout', lenght: 1 }]] } },
      'axes.augmentation[1][1].lenght',
      'length',
    ],
  ])('%j', (fields, field, nearest) => {
    const issues = issuesWith(fields).filter((issue) => issue.message.startsWith('unknown name'));
    expect(issues).toHaveLength(1);
    expect(issues[0].field).toBe(field);
    expect(issues[0].nearest).toBe(nearest);
    expect(issues[0].message).toContain(nearest === undefined ? '; known: ' : `; did you mean "${nearest}"?`);
  });

  it('are refused under names that every JavaScript object has', () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      const own = JSON.stringify({ [key]: 1 });
      const body = `{ "name": "grid", "seeds": { "count": 1, ${own.slice(1)}, "base": ${own}, "axes": { "attack": ${own} },
        "include": [{ "augmentation": { "name": "pad_crop", ${own.slice(1)} }],
        "compare": { "factor": "epochs", "baseline": 1, "metric": "robustGap", "margin": 0.1, "where": ${own}, ${own.slice(1)},
        ${own.slice(1)}`;
      expect(fieldsOf(issuesOf(JSON.parse(body))).toSorted()).toEqual(
        [
          key,
          `axes.attack.${key}`,
          `base.${key}`,
          `compare.${key}`,
          `compare.where.${key}`,
          `include[0].augmentation.${key}`,
          `seeds.${key}`,
        ].toSorted(),
      );
    }
  });
});

describe('the body', () => {
  it.each([null, 5, 'grid', true, [], [VALID]])('%j is no grid', (body) => {
    expect(issuesOf(body)).toEqual([
      { field: '', message: `a grid is an object, got ${JSON.stringify(body)}`, value: body },
    ]);
  });

  it('needs a name of 1 to 200 characters', () => {
    expect(issuesOf({ seeds: [1] })).toEqual([{ field: 'name', message: 'must be a string, it is missing' }]);
    for (const name of [5, null, ['grid']])
      expect(issuesWith({ name })).toEqual([
        { field: 'name', message: `must be a string, got ${JSON.stringify(name)}`, value: name },
      ]);
    for (const [name, limit] of [
      ['', 'at least 1'],
      ['x'.repeat(201), 'at most 200'],
    ])
      expect(issuesWith({ name })).toEqual([
        { field: 'name', message: `must have a number of characters of ${limit}, got "${name}"`, value: name },
      ]);
    expect(parseGrid({ ...VALID, name: 'x'.repeat(200) }).name).toHaveLength(200);
  });

  it('may have a description of up to 4000 characters', () => {
    parseGrid({ ...VALID, description: 'x'.repeat(4000) });
    for (const description of [5, null, 'x'.repeat(4001)])
      expect(issuesWith({ description })).toMatchObject([{ field: 'description', value: description }]);
  });

  it.each(['dataset', 'base', 'axes'])('needs an object in %s', (key) => {
    for (const value of [5, null, 'mnist', [], [{}]])
      expect(issuesWith({ [key]: value })).toEqual([
        { field: key, message: expect.stringMatching(/^must be an object of (dataset )?parameters, got /), value },
      ]);
  });

  it.each(['dataset', 'attack', 'loader', 'requires'])('needs an object in the group %s', (group) => {
    for (const value of [5, null, 'mnist', []])
      expect(issuesWith({ base: { [group]: value } })).toEqual([
        {
          field: `base.${group}`,
          message: `must be an object of ${group} parameters, got ${JSON.stringify(value)}`,
          value,
        },
      ]);
  });

  it.each(['include', 'exclude'])('needs a list of objects in %s', (key) => {
    for (const value of [5, null, {}, 'none'])
      expect(issuesWith({ [key]: value })).toEqual([
        {
          field: key,
          message: `must be a list of at most 1000 objects of parameters, got ${JSON.stringify(value)}`,
          value,
        },
      ]);
    for (const value of [5, null, 'none', []])
      expect(issuesWith({ [key]: [{}, value] })).toMatchObject([{ field: `${key}[1]`, value }]);
    const many = Array.from({ length: 1001 }, () => ({}));
    expect(issuesWith({ [key]: many })).toMatchObject([{ field: key, message: expect.stringContaining('got 1001') }]);
    parseGrid({ ...VALID, [key]: many.slice(1) });
  });

  it('is checked in every field of the documented shape', () => {
    const wrong = Object.fromEntries(Object.keys(gridSchema.shape).map((key) => [key, 5]));
    expect(fieldsOf(issuesOf(wrong)).toSorted()).toEqual(Object.keys(gridSchema.shape).toSorted());
  });
});

describe('a parameter that is given twice', () => {
  it('is refused in base and axes, for every axis', () => {
    const { condition, scheduling } = resolveCondition({});
    for (const path of AXES.keys()) {
      const value = readPath({ ...condition, ...scheduling }, path);
      expect(issuesWith({ base: { [path]: value }, axes: { [path]: [value] } })).toEqual([
        { field: `axes.${path}`, message: 'is an axis and stands in base (or dataset) too; keep one of them' },
      ]);
    }
  });

  it('is refused in dataset and axes, and in dataset and base', () => {
    const dataset = { trainSize: 500 };
    expect(fieldsOf(issuesWith({ dataset, axes: { 'dataset.trainSize': [500] } }))).toEqual(['axes.dataset.trainSize']);
    expect(fieldsOf(issuesWith({ dataset, base: { dataset } }))).toEqual(['base.dataset.trainSize']);
  });

  it('is refused nested and dotted at once', () => {
    for (const place of ['base', 'axes']) {
      const value = place === 'axes' ? [0.1] : 0.1;
      expect(issuesWith({ [place]: { attack: { epsilon: value }, 'attack.epsilon': value } })).toEqual([
        { field: `${place}.attack.epsilon`, message: 'is given twice, nested and dotted', value },
      ]);
    }
  });
});

describe('seeds', () => {
  it.each<[seeds: unknown, field: string, message: string]>([
    [undefined, 'seeds', 'must be a list of seeds or { count, master }, it is missing'],
    [null, 'seeds', 'must be a list of seeds or { count, master }, got null'],
    [5, 'seeds', 'must be a list of seeds or { count, master }, got 5'],
    ['1,2', 'seeds', 'must be a list of seeds or { count, master }, got "1,2"'],
    [[], 'seeds', 'must have a length of at least 1, got []'],
    [{}, 'seeds.count', 'must be a number, it is missing'],
    [{ count: 0 }, 'seeds.count', 'must be at least 1, got 0'],
    [{ count: 20_001 }, 'seeds.count', 'must be at most 20000, got 20001'],
    [{ count: 2.5 }, 'seeds.count', 'must be a whole number, got 2.5'],
    [{ count: '3' }, 'seeds.count', 'must be a number, got "3"'],
    [{ count: 3, master: -1 }, 'seeds.master', 'must be at least 0, got -1'],
    [{ count: 3, master: 2 ** 32 }, 'seeds.master', 'must be at most 4294967295, got 4294967296'],
    [{ count: 3, master: null }, 'seeds.master', 'must be a number, got null'],
    [[1, -1], 'seeds[1]', 'must be at least 0, got -1'],
    [[2 ** 32], 'seeds[0]', 'must be at most 4294967295, got 4294967296'],
    [[1e300], 'seeds[0]', 'must be at most 4294967295, got 1e+300'],
    [[0.5], 'seeds[0]', 'must be a whole number, got 0.5'],
    [[1, '2'], 'seeds[1]', 'must be a number, got "2"'],
    [[[1]], 'seeds[0]', 'must be a number, got [1]'],
  ])('%j are refused', (seeds, field, message) => {
    const issues = issuesWith({ seeds });
    expect(issues).toMatchObject([{ field, message }]);
    expect('value' in issues[0]).toBe(!message.endsWith('missing'));
  });

  it('may be 20,000 at most', () => {
    const many = Array.from({ length: 20_001 }, (_, seed) => seed);
    expect(issuesWith({ seeds: many })[0]).toMatchObject({ field: 'seeds', value: many });
    expect(issuesWith({ seeds: many })[0].message).toContain('at most 20000');
    expect(parseGrid({ ...VALID, seeds: many.slice(1) }).seeds).toHaveLength(20_000);
  });

  it('stand once each: every repeated one is named', () => {
    expect(issuesWith({ seeds: [7, 1, 7, 3, 1, 7] })).toEqual([
      { field: 'seeds', message: 'each seed may stand once, got 7 twice', value: 7 },
      { field: 'seeds', message: 'each seed may stand once, got 1 twice', value: 1 },
    ]);
  });

  it('are kept as given, in their order', () => {
    expect(parseGrid({ ...VALID, seeds: [9, 0, 4_294_967_295, 3] }).seeds).toEqual([9, 0, 4_294_967_295, 3]);
  });

  it('are spread by SeedSequence(master, k)[0], as NumPy gives them', () => {
    expect(parseGrid({ ...VALID, seeds: { count: 6, master: 2021 } }).seeds).toEqual([
      401918031, 681718039, 75879131, 1521030547, 355993867, 120551151,
    ]);
    expect(parseGrid({ ...VALID, seeds: { count: 3 } }).seeds).toEqual([2968811710, 3964924996, 3141116543]);
  });

  it('are refused where a master gives one of them twice', () => {
    const seeds = { count: 3646, master: 39 };
    const spread = spreadSeeds(seeds);
    expect(spread[3645]).toBe(spread[1805]);
    expect(issuesWith({ seeds })).toEqual([
      {
        field: 'seeds.master',
        message: 'must give seeds that differ, got 39, which gives 3568395225 twice; choose another',
        value: 39,
      },
    ]);
    expect(parseGrid({ ...VALID, seeds: { ...seeds, count: 3645 } }).seeds).toHaveLength(3645);
  });
});

describe('compare', () => {
  it.each<[fields: Record<string, unknown>, field: string, message: string]>([
    [{ factor: 'seedMode' }, 'factor', 'unknown name "seedMode"; did you mean "seedingMode"?'],
    [{ factor: 5 }, 'factor', 'must be a string, got 5'],
    [{ factor: undefined }, 'factor', 'must be a string, it is missing'],
    [{ metric: 'robustAcuracy' }, 'metric', 'unknown name "robustAcuracy"; did you mean "robustAccuracy"?'],
    [{ metric: undefined }, 'metric', 'must be one of "cleanAccuracy", "robustAccuracy", '],
    [{ margin: undefined }, 'margin', 'must be a number, it is missing'],
    [{ margin: 0 }, 'margin', 'must be greater than 0, got 0'],
    [{ margin: 1.5 }, 'margin', 'must be at most 1, got 1.5'],
    [{ margin: '1 %' }, 'margin', 'must be a number, got "1 %"'],
    [{ baseline: undefined }, 'baseline', 'must be given, it is missing'],
    [{ baseline: 0 }, 'baseline', 'must be at least 1, got 0'],
    [{ levels: [] }, 'levels', 'must have a length of at least 1, got []'],
    [{ levels: 5 }, 'levels', 'must be a list, got 5'],
    [{ levels: [10, 'many'] }, 'levels[1]', 'must be a number, got "many"'],
    [{ where: 5 }, 'where', 'must be an object, got 5'],
    [{ where: [] }, 'where', 'must be an object, got []'],
    [{ role: 'main' }, 'role', 'unknown name "main"; known: primary, control, exploratory'],
    [{ id: '' }, 'id', 'must have a number of characters of at least 1, got ""'],
    [{ id: 'x'.repeat(65) }, 'id', 'must have a number of characters of at most 64, got "x'],
    [{ id: 5 }, 'id', 'must be a string, got 5'],
    [{ expect: 5 }, 'expect', 'must be a string, got 5'],
    [{ expect: 'x'.repeat(201) }, 'expect', 'must have a number of characters of at most 200, got "x'],
  ])('with %j is refused', (fields, field, message) => {
    for (const [compare, prefix] of [
      [{ ...PLAN, ...fields }, 'compare.'],
      [[PLAN, { ...PLAN, ...fields }], 'compare[1].'],
    ] as const) {
      const issues = issuesWith({ compare });
      expect(fieldsOf(issues)).toEqual([`${prefix}${field}`]);
      expect(issues[0].message).toContain(message);
    }
  });

  it('is an object or a list of 1 to 100', () => {
    for (const compare of [5, null, 'bug'])
      expect(issuesWith({ compare })).toEqual([
        { field: 'compare', message: `must be an object, got ${JSON.stringify(compare)}`, value: compare },
      ]);
    expect(issuesWith({ compare: [] })).toEqual([
      { field: 'compare', message: 'must hold 1 to 100 comparisons, got 0' },
    ]);
    const many = Array.from({ length: 101 }, () => PLAN);
    expect(issuesWith({ compare: many })).toEqual([
      { field: 'compare', message: 'must hold 1 to 100 comparisons, got 101' },
    ]);
    expect(parseGrid({ ...VALID, compare: many.slice(1) }).compare).toHaveLength(100);
  });

  it('names its comparisons once each, by number where no id is given', () => {
    const { compare } = parseGrid({ ...VALID, compare: [PLAN, { ...PLAN, id: 'mine' }, { ...PLAN, role: 'control' }] });
    expect(compare.map(({ id, role }) => [id, role])).toEqual([
      ['comparison-1', 'primary'],
      ['mine', 'primary'],
      ['comparison-3', 'control'],
    ]);
    expect(issuesWith({ compare: [{ ...PLAN, id: 'comparison-2' }, PLAN] })).toEqual([
      { field: 'compare[1].id', message: 'each id may stand once, got "comparison-2" twice', value: 'comparison-2' },
    ]);
  });

  it('keeps its scope under dotted names', () => {
    const where = { attack: { epsilon: 0.1 }, 'loader.workers': 4, augmentation: 'pad_crop' };
    expect(parseGrid({ ...VALID, compare: { ...PLAN, where } }).compare[0].where).toEqual({
      'attack.epsilon': 0.1,
      'loader.workers': 4,
      augmentation: 'pad_crop',
    });
  });

  it('says all that is wrong with one comparison', () => {
    const compare = { factor: 'epoch', metric: 'x', margin: 0, levels: 5, where: { epochs: 0, model: 'big' }, more: 1 };
    expect(fieldsOf(issuesWith({ compare })).toSorted()).toEqual(
      ['baseline', 'factor', 'levels', 'margin', 'metric', 'more', 'where.epochs', 'where.model'].map(
        (field) => `compare.${field}`,
      ),
    );
  });
});

it('reports all issues of one body at once, in one sentence each', () => {
  const issues = issuesOf({
    nmae: 'grid',
    dataset: { name: 'mnits', testSize: 0 },
    base: { epochs: 0, attack: { epsilon: 200, step: 3 } },
    axes: { seedingMode: ['modern', 'inherit'], batchSize: [], model: 'tiny-cnn' },
    seeds: { count: 0, master: -1 },
    include: [{ epochs: 'many' }],
    exclude: [{ augmentation: 'flip' }],
    compare: [{ ...PLAN, metric: 'accuracy' }, 5],
  });
  expect(fieldsOf(issues)).toEqual([
    'nmae',
    'name',
    'base.epochs',
    'base.attack.epsilon',
    'base.attack.step',
    'dataset.name',
    'dataset.testSize',
    'axes.seedingMode[1]',
    'axes.batchSize',
    'axes.model',
    'seeds.count',
    'seeds.master',
    'include[0].epochs',
    'exclude[0].augmentation',
    'compare[0].metric',
    'compare[1]',
  ]);
  expect(new GridError(issues).message).toBe(issues.map(({ field, message }) => `${field}: ${message}`).join('; '));
});
