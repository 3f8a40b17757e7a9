// From a grid to its conditions: product, exclude, include, levels, copies, limits and what is compared.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RUN_LIMIT, expandGrid, type Expansion } from './expand-grid.ts';
import { parseGrid } from './grid.ts';
import { GridError, type GridIssue } from './grid-error.ts';
import { resolveCondition } from './parameters.ts';

const expand = (fields: Readonly<Record<string, unknown>>, runLimit?: number): Expansion =>
  expandGrid(parseGrid({ name: 'grid', seeds: [1], ...fields }), runLimit === undefined ? {} : { runLimit });

const levelsOf = ({ conditions }: Expansion) => conditions.map(({ levels }) => levels);

/** The issues that expanding raises on a grid that parses. */
function issuesOf(fields: Readonly<Record<string, unknown>>, runLimit?: number): readonly GridIssue[] {
  const grid = parseGrid({ name: 'grid', seeds: [1], ...fields });
  try {
    expandGrid(grid, runLimit === undefined ? {} : { runLimit });
  } catch (error) {
    if (error instanceof GridError) return error.issues;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(fields)}`);
}

describe('the product', () => {
  it('of no axes is the base', () => {
    const { conditions, seeds } = expand({ base: { epochs: 3 }, seeds: [4, 2] });
    expect(conditions).toEqual([{ ...resolveCondition({ epochs: 3 }), levels: {}, conflicts: [] }]);
    expect(seeds).toEqual([4, 2]);
  });

  it('holds every combination once, the last axis fastest, in the order in which axes and values stand', () => {
    const axes = { epochs: [3, 1], seedingMode: ['modern', 'inherited'], batchSize: [10, 5] };
    expect(levelsOf(expand({ axes }))).toEqual(
      [3, 1].flatMap((epochs) =>
        ['modern', 'inherited'].flatMap((seedingMode) =>
          [10, 5].map((batchSize) => ({ batchSize, epochs, seedingMode })),
        ),
      ),
    );
  });

  it('takes nested and dotted names for the same', () => {
    const dotted = expand({ base: { 'loader.workers': 2 }, axes: { 'attack.epsilon': [0.1, 0.2], epochs: [1] } });
    const nested = expand({ base: { loader: { workers: 2 } }, axes: { attack: { epsilon: [0.1, 0.2] }, epochs: [1] } });
    expect(nested).toEqual(dotted);
    expect(levelsOf(dotted)).toEqual([
      { 'attack.epsilon': 0.1, epochs: 1 },
      { 'attack.epsilon': 0.2, epochs: 1 },
    ]);
    expect(dotted.conditions.map(({ condition }) => [condition.attack.epsilon, condition.loader.workers])).toEqual([
      [0.1, 2],
      [0.2, 2],
    ]);
  });

  it('resolves defaults from the values of its own condition', () => {
    const { conditions } = expand({
      dataset: { trainSize: 70 },
      axes: { 'attack.name': ['fgsm', 'pgd'], 'optimizer.name': ['adam', 'sgd'] },
    });
    expect(
      conditions.map(({ condition: { dataset, method, attack, optimizer } }) => [
        dataset.trainSize,
        method,
        attack.steps,
        optimizer.learningRate,
        optimizer.momentum,
      ]),
    ).toEqual([
      [70, 'fgsm', 1, 0.002, 0],
      [70, 'fgsm', 1, 0.1, 0.9],
      [70, 'pgd', 3, 0.002, 0],
      [70, 'pgd', 3, 0.1, 0.9],
    ]);
  });

  it('keeps scheduling apart from the condition and shows both in the levels', () => {
    const { conditions } = expand({ axes: { priority: [5], 'requires.device': ['cpu', 'gpu'] } });
    expect(conditions.map(({ levels }) => levels)).toEqual([
      { priority: 5, 'requires.device': 'cpu' },
      { priority: 5, 'requires.device': 'gpu' },
    ]);
    expect(conditions[0].scheduling).toEqual({ priority: 5, requires: { device: 'cpu' } });
    expect(conditions[0].condition).toEqual(resolveCondition({}).condition);
  });

  it('has as many conditions as its axes multiply to, less the excluded ones', () => {
    const values = (max: number) => fc.uniqueArray(fc.integer({ min: 1, max }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(values(9), values(9), values(9), fc.nat(9), fc.nat(9), (epochs, batchSize, steps, e, b) => {
        const axes = { epochs, batchSize, 'attack.steps': steps };
        const exclude = [{ epochs: e + 1 }, { batchSize: b + 1, 'attack.steps': 3 }];
        const kept = epochs
          .flatMap((epoch) => batchSize.flatMap((batch) => steps.map((step) => [epoch, batch, step] as const)))
          .filter(([epoch, batch, step]) => epoch !== e + 1 && !(batch === b + 1 && step === 3));
        fc.pre(kept.length > 0);
        expect(levelsOf(expand({ axes, exclude }))).toEqual(
          kept.map(([epoch, batch, step]) => ({ epochs: epoch, batchSize: batch, 'attack.steps': step })),
        );
      }),
    );
  });
});

describe('exclude', () => {
  const axes = { augmentation: ['none', { name: 'pad_crop', pad: 2 }, 'cutout'], seedingMode: ['modern', 'inherited'] };

  it.each<[what: string, exclude: object[], left: number]>([
    ['one axis value', [{ seedingMode: 'inherited' }], 3],
    ['two values at once', [{ augmentation: 'none', seedingMode: 'inherited' }], 5],
    ['an augmentation by its name alone', [{ augmentation: 'pad_crop' }], 4],
    ['an augmentation by its name in an object', [{ augmentation: { name: 'cutout' } }], 4],
    ['an augmentation with its parameter', [{ augmentation: { name: 'pad_crop', pad: 2 } }], 4],
    ['a defaulted parameter of an augmentation', [{ augmentation: { name: 'cutout', length: 10 } }], 4],
    ['an augmentation with another parameter', [{ augmentation: { name: 'pad_crop', pad: 1 } }], 6],
    ['a value that is a default', [{ epochs: 20, seedingMode: 'modern' }], 3],
    ['a nested value', [{ attack: { epsilon: 0.1 }, augmentation: 'none' }], 4],
    ['a value that no condition has', [{ 'attack.epsilon': 0.3 }], 6],
    ['several, of which one has to match', [{ augmentation: 'none' }, { augmentation: 'cutout' }], 2],
    ['nothing', [], 6],
  ])('takes out %s', (_what, exclude, left) => {
    expect(expand({ axes, exclude }).conditions).toHaveLength(left);
  });

  it('sees how runs are scheduled too', () => {
    const device = { 'requires.device': ['cpu', 'gpu'], priority: [0, 9] };
    expect(levelsOf(expand({ axes: device, exclude: [{ requires: { device: 'gpu' } }, { priority: 9 }] }))).toEqual([
      { priority: 0, 'requires.device': 'cpu' },
    ]);
  });

  it('must leave a condition', () => {
    expect(issuesOf({ axes, exclude: [{ model: 'tiny-cnn' }] })).toEqual([
      { field: 'exclude', message: 'leaves no condition of the grid' },
    ]);
    expect(expand({ axes, exclude: [{}], include: [{}] }).conditions).toHaveLength(1);
  });
});

describe('include', () => {
  it('adds conditions to the base after the product, neither multiplied nor excluded', () => {
    const expansion = expand({
      base: { epochs: 5 },
      axes: { seedingMode: ['modern', 'inherited'] },
      exclude: [{ seedingMode: 'inherited' }, { model: 'mnist_net' }],
      include: [{ seedingMode: 'inherited', model: 'mnist_net' }, { epochs: 7 }],
    });
    expect(expansion.conditions.map(({ condition }) => [condition.seedingMode, condition.epochs])).toEqual([
      ['modern', 5],
      ['inherited', 5],
      ['modern', 7],
    ]);
    expect(levelsOf(expansion)[1]).toEqual({ seedingMode: 'inherited', epochs: 5, model: 'mnist_net' });
  });

  it('makes its parameters levels of every condition', () => {
    expect(levelsOf(expand({ axes: { epochs: [1] }, include: [{ loader: { workers: 2 } }] }))).toEqual([
      { epochs: 1, 'loader.workers': 4 },
      { epochs: 20, 'loader.workers': 2 },
    ]);
  });
});

describe('copies', () => {
  it('are groups of conditions with the same spec, however it was written', () => {
    const { duplicates } = expand({
      axes: { augmentation: ['cutout', { name: 'cutout', length: 10 }, 'pad_crop', ['pad_crop'], 'pad_crop_flip'] },
      include: [{ augmentation: ['none', 'cutout'] }, { augmentation: 'cutout', priority: 3 }],
    });
    expect(duplicates).toEqual([
      [0, 1, 5, 6],
      [2, 3],
    ]);
  });

  it('are found where a value stands twice in an axis', () => {
    expect(expand({ axes: { epochs: [5, 6, 5] } }).duplicates).toEqual([[0, 2]]);
    expect(expand({ axes: { epochs: [5, 6] } }).duplicates).toEqual([]);
  });

  it('are identical by construction where a seeding mode or a number of workers has nothing to draw', () => {
    const { identical, duplicates } = expand({
      axes: { augmentation: ['none', 'cutout'], seedingMode: ['modern', 'inherited'], 'loader.workers': [2, 4] },
      include: [{ seedingMode: 'single_process' }, { seedingMode: 'single_process', epochs: 3 }],
    });
    expect(duplicates).toEqual([]);
    expect(identical).toEqual([[0, 1, 2, 3, 8]]);
  });

  it('are not identical where the seeding mode moves the order of the samples', () => {
    const axes = { seedingMode: ['modern', 'inherited'] };
    expect(expand({ axes, base: { 'loader.order': 'torch_exact' } }).identical).toEqual([]);
    expect(expand({ axes, base: { 'loader.order': 'decoupled' } }).identical).toEqual([[0, 1]]);
  });
});

describe('the run limit', () => {
  const axes = { epochs: [1, 2, 3], batchSize: [1, 2, 3, 4] };
  const seeds = [1, 2, 3, 4, 5];

  it('is 20,000 runs unless configured', () => {
    expect(DEFAULT_RUN_LIMIT).toBe(20_000);
    expect(issuesOf({ axes: { epochs: [1, 2] }, seeds: { count: 10_001 } })).toEqual([
      {
        field: 'axes',
        message: 'a grid may have at most 20000 runs, got 2 conditions × 10001 seeds = 20002',
        value: 20_002,
      },
    ]);
    expect(expand({ axes: { epochs: [1, 2] }, seeds: { count: 10_000 } }).seeds).toHaveLength(10_000);
  });

  it('counts conditions × seeds after exclude and include', () => {
    expect(expand({ axes, seeds }, 60).conditions).toHaveLength(12);
    expect(issuesOf({ axes, seeds }, 59)).toMatchObject([
      { message: expect.stringContaining('at most 59'), value: 60 },
    ]);
    expect(issuesOf({ axes, seeds, include: [{}] }, 60)).toMatchObject([{ value: 65 }]);
    const exclude = [{ epochs: 1 }];
    expect(expand({ axes, seeds, exclude }, 40).conditions).toHaveLength(8);
    expect(issuesOf({ axes, seeds, exclude }, 39)).toMatchObject([{ value: 40 }]);
  });

  it('refuses a product that could not be built, before building it', () => {
    const values = Array.from({ length: 100 }, (_, k) => k + 1);
    const huge = Object.fromEntries(
      ['epochs', 'batchSize', 'attack.steps', 'evaluation.steps', 'dataset.trainSize'].map((path) => [path, values]),
    );
    for (const exclude of [[], [{ epochs: 1 }]])
      expect(issuesOf({ axes: huge, exclude })).toMatchObject([{ field: 'axes', value: 1e10 }]);
  });
});

describe('what is compared', () => {
  const axes = { augmentation: ['none', 'cutout'], seedingMode: ['modern', 'inherited', 'per_sample'] };
  const exclude = [{ augmentation: 'none', seedingMode: 'inherited' }];
  const plan = { factor: 'seedingMode', baseline: 'modern', metric: 'robustAccuracyFinal', margin: 0.01 };
  const compared = (...fields: object[]) => ({
    axes,
    exclude,
    compare: fields.map((field) => ({ ...plan, ...field })),
  });

  it('must be there: baseline and levels, within the scope', () => {
    const missing = 'no condition of the grid has seedingMode = ';
    expect(
      issuesOf(
        compared(
          {},
          { baseline: 'const_worker' },
          { levels: ['per_sample', 'shared_fresh', 'inherited'] },
          { baseline: 'inherited', where: { augmentation: 'none' } },
          { levels: ['inherited', 'per_sample'], where: { augmentation: 'none' } },
        ),
      ),
    ).toEqual([
      { field: 'compare[1].baseline', message: `${missing}"const_worker"`, value: 'const_worker' },
      { field: 'compare[2].levels[1]', message: `${missing}"shared_fresh"`, value: 'shared_fresh' },
      {
        field: 'compare[3].baseline',
        message: `${missing}"inherited" where {"augmentation":"none"}`,
        value: 'inherited',
      },
      {
        field: 'compare[4].levels[0]',
        message: `${missing}"inherited" where {"augmentation":"none"}`,
        value: 'inherited',
      },
    ]);
  });

  it('must have a scope that some condition is in', () => {
    const where = { augmentation: 'pad_crop' };
    expect(issuesOf(compared({ where }))).toEqual([
      { field: 'compare[0].where', message: 'matches no condition of the grid', value: where },
    ]);
  });

  it('may be written by name, in full, or be the one value that is no axis', () => {
    const { conditions } = expand(
      compared(
        { factor: 'augmentation', baseline: 'none', levels: ['cutout'] },
        { factor: 'augmentation', baseline: { name: 'cutout' }, levels: ['none'] },
        { factor: 'augmentation', baseline: { name: 'cutout', length: 10 } },
        { factor: 'epochs', baseline: 20, where: { seedingMode: 'per_sample' } },
      ),
    );
    expect(conditions).toHaveLength(5);
  });

  it('of averaged weights need averaging in every condition that is compared', () => {
    const metric = 'robustAccuracyFinalWa';
    const plan = { factor: 'seedingMode', baseline: 'modern', metric, margin: 0.01 };
    const grid = (base: Record<string, unknown>) =>
      expandGrid(
        parseGrid({
          name: 'averaged',
          base,
          axes: { seedingMode: ['modern', 'inherited'] },
          seeds: [1],
          compare: plan,
        }),
      );
    expect(() => grid({})).toThrow('robustAccuracyFinalWa needs averaging.decay above 0 in every condition');
    expect(grid({ averaging: { decay: 0.99 } }).conditions).toHaveLength(2);
  });
});
