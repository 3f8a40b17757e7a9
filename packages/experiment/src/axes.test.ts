// Every axis with the limits it is meant to have: bad values are refused wherever they stand, good ones at the limit pass.
import { describe, expect, it } from 'vitest';
import { catalogue } from './catalogue.ts';
import { parseGrid } from './grid.ts';
import { GridError, type GridIssue } from './grid-error.ts';
import { AXES } from './parameters.ts';

/** `above` and `below` exclude the limit itself. */
interface NumberLimits {
  readonly kind: 'whole' | 'number';
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly below?: number;
}
type Limits =
  | NumberLimits
  | { readonly kind: 'boolean' }
  | { readonly kind: 'fractions'; readonly most: number }
  | { readonly kind: 'augmentation' }
  | { readonly kind: 'attacks' }
  | { readonly kind: 'weights' }
  | { readonly kind: 'text'; readonly good: readonly string[]; readonly bad: readonly string[]; readonly says: string }
  | { readonly kind: 'name'; readonly names: readonly string[]; readonly misspelt: string; readonly meant: string };

const whole = (min: number, max: number): Limits => ({ kind: 'whole', min, max });
const fraction: Limits = { kind: 'number', min: 0, max: 1 };
const names = (list: string, misspelt: string, meant: string): Limits => ({
  kind: 'name',
  names: list.split(' '),
  misspelt,
  meant,
});

// Written by hand from the meaning of each parameter, in the order of declaration.
const LIMITS: Readonly<Record<string, Limits>> = {
  'dataset.name': names('mnist fashion_mnist cifar10 cifar100 images', 'mnits', 'mnist'),
  'dataset.trainSize': whole(1, 1_000_000),
  'dataset.validationSize': whole(1, 1_000_000),
  'dataset.testSize': whole(1, 1_000_000),
  'dataset.splitSeed': whole(0, 4_294_967_295),
  'dataset.folder': {
    kind: 'text',
    good: ['pets', 'Tiny-ImageNet_200/64.px', '_a/b/c', 'x'.repeat(200)],
    bad: ['', '.', '..', '/pets', 'pets/', 'a//b', '../pets', 'a/../b', 'a..b', '.hidden', 'my pets', 'käfer', 'a\\b'],
    says: 'must be a folder inside the data folder, of letters, digits',
  },
  'dataset.height': whole(8, 512),
  'dataset.width': whole(8, 512),
  'dataset.channels': whole(1, 3),
  'dataset.classes': whole(2, 10_000),
  'dataset.checksum': {
    kind: 'text',
    good: ['0'.repeat(64), '0123456789abcdef'.repeat(4)],
    bad: ['', 'f'.repeat(63), 'f'.repeat(65), 'F'.repeat(64), `${'f'.repeat(64)}\n`],
    says: 'must be a sha256 of 64 hex digits, got',
  },
  seedingMode: names(
    'modern inherited inherited_main_draws inherited_persistent const_worker blog_state0 blog_epoch blog_state0_on_modern blog_epoch_on_modern docs_seed_worker initial_seed_div32 seed_sequence_rkern modern_persistent lightning torch_rng python_rng main_precomputed shared_fresh fixed_per_sample per_sample per_batch jax_fold_in single_process',
    'inherit',
    'inherited',
  ),
  augmentation: { kind: 'augmentation' },
  model: names(
    'tiny-cnn tiny-cnn-bn mnist_net madry-cnn small-cnn linear-softmax preactresnet-18 preactresnet-18-wong preactresnet-18-deepmind-relu preactresnet-18-deepmind-silu wrn-28-10-deepmind-relu wrn-28-10-deepmind-silu wrn-34-10-deepmind-relu wrn-34-10-deepmind-silu wrn-34-20-deepmind-relu wrn-34-20-deepmind-silu wrn-40-2-deepmind-relu wrn-40-2-deepmind-silu wrn-70-16-deepmind-relu wrn-70-16-deepmind-silu wrn-106-16-deepmind-relu wrn-106-16-deepmind-silu wrn-34-10-rice wrn-34-20-rice wrn-28-10-trades wrn-34-10-trades wrn-40-2-trades',
    'tiny_cnn',
    'tiny-cnn',
  ),
  normalisation: names('none dataset', 'data', ''),
  method: names('plain fgsm pgd free trades mart', 'PGD', 'pgd'),
  beta: { kind: 'number', min: 0, max: 1000 },
  epochs: whole(1, 10_000),
  batchSize: whole(1, 65_536),
  labelSmoothing: { kind: 'number', min: 0, below: 1 },
  'attack.name': names('fgsm pgd', 'fgms', 'fgsm'),
  'attack.norm': names('linf l2', 'Linf', 'linf'),
  'attack.epsilon': { kind: 'number', min: 0, max: 100 },
  'attack.steps': whole(1, 1000),
  'attack.stepSize': { kind: 'number', min: 0, max: 400 },
  'attack.stepRule': names('steepest adam', 'sign', ''),
  'attack.init': names('uniform zero normal', 'zeros', 'zero'),
  'attack.replays': whole(1, 64),
  'attack.batchNorm': names('train eval batch_stats', 'evals', 'eval'),
  'awp.gamma': fraction,
  'loader.workers': whole(0, 256),
  'loader.order': names('torch_exact decoupled', 'torch-exact', 'torch_exact'),
  'loader.shuffle': names('reshuffle fixed sequential', 'shuffle', 'reshuffle'),
  'loader.dropLast': { kind: 'boolean' },
  'loader.batchRepeat': whole(1, 64),
  'optimizer.name': names('adam sgd', 'adamw', 'adam'),
  'optimizer.learningRate': { kind: 'number', above: 0, max: 100 },
  'optimizer.momentum': { kind: 'number', min: 0, below: 1 },
  'optimizer.nesterov': { kind: 'boolean' },
  'optimizer.weightDecay': fraction,
  'schedule.name': names('constant piecewise cosine linear cyclic', 'cosin', 'cosine'),
  'schedule.milestones': { kind: 'fractions', most: 16 },
  'schedule.factor': { kind: 'number', above: 0, max: 1 },
  'schedule.peak': { kind: 'number', above: 0, below: 1 },
  'warmup.epsilonFraction': fraction,
  'averaging.decay': { kind: 'number', min: 0, below: 1 },
  'averaging.startFraction': fraction,
  'stopping.overfittingDrop': fraction,
  'stopping.patience': whole(0, 10_000),
  'evaluation.every': whole(1, 10_000),
  'evaluation.epsilon': { kind: 'number', min: 0, max: 100 },
  'evaluation.steps': whole(1, 10_000),
  'evaluation.stepSize': { kind: 'number', min: 0, max: 400 },
  'evaluation.restarts': whole(1, 100),
  'evaluation.batchSize': whole(1, 65_536),
  'evaluation.attacks': { kind: 'attacks' },
  'evaluation.weights': { kind: 'weights' },
  'evaluation.gates': { kind: 'boolean' },
  priority: whole(-1000, 1000),
  'requires.device': names('auto cpu gpu', 'cuda', ''),
};

/** A value that must be refused; `at` is what the field gets in addition; `bad` is the inner value that is named. */
interface BadValue {
  readonly value: unknown;
  readonly says: string;
  readonly at?: string;
  readonly bad?: unknown;
  readonly nearest?: string;
}

function wrongTypes(expected: string, values: readonly unknown[]): BadValue[] {
  return values.map((value) => ({ value, says: `must be ${expected}, got ${JSON.stringify(value)}` }));
}

function badNumbers({ kind, min, above, max, below }: NumberLimits): BadValue[] {
  const step = kind === 'whole' ? 1 : 1e-6;
  const beyond = (value: number, limit: string): BadValue => ({ value, says: `must be ${limit}, got ${value}` });
  return [
    ...(min === undefined ? [] : [beyond(min - step, `at least ${min}`), beyond(-1e300, `at least ${min}`)]),
    ...(above === undefined ? [] : [beyond(above, `greater than ${above}`)]),
    ...(max === undefined ? [] : [beyond(max + step, `at most ${max}`), beyond(1e300, `at most ${max}`)]),
    ...(below === undefined ? [] : [beyond(below, `less than ${below}`)]),
    ...(kind === 'whole' ? wrongTypes('a whole number', [1.5]) : []),
    ...wrongTypes('a number', ['1', true, null, [1], { value: 1 }]),
  ];
}

const item = 'must be a name, { name, … } or a list of these, got';
const BAD_AUGMENTATIONS: readonly BadValue[] = [
  ...[7, null, true, {}, { pad: 1 }, { name: 3 }].map((value) => ({ value, says: `${item} ${JSON.stringify(value)}` })),
  { value: 'cutuot', says: 'unknown name "cutuot"; did you mean "cutout"?', nearest: 'cutout' },
  { value: { name: 'padcrop' }, bad: 'padcrop', says: 'did you mean "pad_crop"?', nearest: 'pad_crop' },
  { value: 'toString', says: 'unknown name "toString"; known: none, pad_crop, pad_crop_flip, cutout' },
  { value: [], says: 'a list must have 1 to 8 items, got 0' },
  { value: Array.from({ length: 9 }, () => 'cutout'), says: 'a list must have 1 to 8 items, got 9' },
  { value: ['none', 5], bad: 5, at: '[1]', says: `${item} 5` },
  { value: [['none']], bad: ['none'], at: '[0]', says: 'must be a name' },
  { value: { name: 'pad_crop', pad: 17 }, bad: 17, at: '.pad', says: 'must be at most 16, got 17' },
  { value: { name: 'pad_crop_flip', pad: -1 }, bad: -1, at: '.pad', says: 'must be at least 0, got -1' },
  { value: { name: 'cutout', length: 0 }, bad: 0, at: '.length', says: 'must be at least 1, got 0' },
  { value: { name: 'cutout', length: 65 }, bad: 65, at: '.length', says: 'must be at most 64, got 65' },
  { value: { name: 'pad_crop', fill: 'mirror' }, bad: 'mirror', at: '.fill', says: 'known: zero, reflect' },
  { value: { name: 'mixup_batch', alpha: 0 }, bad: 0, at: '.alpha', says: 'must be greater than 0, got 0' },
  { value: { name: 'cutmix_batch', window: 0 }, bad: 0, at: '.window', says: 'must be at least 1, got 0' },
  { value: { name: 'rand_augment', magnitude: 31 }, bad: 31, at: '.magnitude', says: 'must be at most 30, got 31' },
  { value: { name: 'random_erasing', probability: 2 }, bad: 2, at: '.probability', says: 'must be at most 1, got 2' },
  { value: ['none', { name: 'cutout', length: '8' }], bad: '8', at: '[1].length', says: 'must be a number, got "8"' },
];

const attackItem = 'must be a name or { name, … }, got';
const at0 = (inner: Record<string, unknown>, key: string, says: string): BadValue => ({
  value: [inner],
  bad: inner[key],
  at: `[0].${key}`,
  says,
});
const BAD_ATTACKS: readonly BadValue[] = [
  ...wrongTypes('a list', ['pgd', null, 7, { name: 'pgd' }]),
  ...[7, null, true, {}, ['pgd']].map((bad) => ({
    value: ['pgd', bad],
    bad,
    at: '[1]',
    says: `${attackItem} ${JSON.stringify(bad)}`,
  })),
  { value: ['apgd_ce'], bad: 'apgd_ce', at: '[0]', says: 'did you mean "apgd-ce"?', nearest: 'apgd-ce' },
  { value: ['toString'], bad: 'toString', at: '[0]', says: 'unknown name "toString"; known: fgsm, pgd' },
  { value: Array.from({ length: 17 }, () => 'pgd'), says: 'length of at most 16, got [' },
  at0({ name: 'pgd', steps: 10_001 }, 'steps', 'must be at most 10000, got 10001'),
  at0({ name: 'pgd', steps: 1.5 }, 'steps', 'must be a whole number, got 1.5'),
  at0({ name: 'apgd-t', targets: 256 }, 'targets', 'must be at most 255, got 256'),
  at0({ name: 'apgd-ce', restarts: 0 }, 'restarts', 'must be at least 1, got 0'),
  at0({ name: 'square', queries: -1 }, 'queries', 'must be at least 0, got -1'),
  at0({ name: 'pgd', loss: 'margin' }, 'loss', 'unknown name "margin"; known: ce, cw, dlr'),
  at0({ name: 'fab-t', eta: 0.9 }, 'eta', 'must be at least 1, got 0.9'),
  at0({ name: 'fgsm', epsilon: 101 }, 'epsilon', 'must be at most 100, got 101'),
  at0({ name: 'fgsm', id: 'a b' }, 'id', 'may hold letters, digits, dots, dashes and underscores only, got "a b"'),
  at0({ name: 'fgsm', id: 'clean' }, 'id', 'must not be one of clean, tracking, transfer, got "clean"'),
];
const BAD_WEIGHTS: readonly BadValue[] = [
  ...wrongTypes('a list', ['final', null, 7]),
  { value: [], says: 'must have a length of at least 1, got []' },
  { value: ['last'], bad: 'last', at: '[0]', says: 'unknown name "last"; did you mean "best"?', nearest: 'best' },
  { value: ['final', 'best', 'best'], says: 'must have a length of at most 2, got [' },
];

function badValues(limits: Limits): BadValue[] {
  switch (limits.kind) {
    case 'whole':
    case 'number':
      return badNumbers(limits);
    case 'boolean':
      return wrongTypes('a boolean', ['true', 1, null, []]);
    case 'augmentation':
      return [...BAD_AUGMENTATIONS];
    case 'attacks':
      return [...BAD_ATTACKS];
    case 'weights':
      return [...BAD_WEIGHTS];
    case 'text':
      return [
        ...wrongTypes('a string', [1, null, true, ['pets'], {}]),
        ...limits.bad.map((value) => ({ value, says: limits.says })),
      ];
    case 'fractions':
      return [
        ...wrongTypes('a list', [0.5, '0.5', null, { 0: 0.5 }]),
        { value: [0.5, 1.5], bad: 1.5, at: '[1]', says: 'must be at most 1, got 1.5' },
        { value: [-0.5], bad: -0.5, at: '[0]', says: 'must be at least 0, got -0.5' },
        { value: ['half'], bad: 'half', at: '[0]', says: 'must be a number, got "half"' },
        { value: Array.from({ length: limits.most + 1 }, () => 0.5), says: `length of at most ${limits.most}, got [` },
      ];
    case 'name': {
      const listed = limits.names.map((name) => JSON.stringify(name)).join(', ');
      const hint = limits.meant === '' ? `known: ${limits.names.join(', ')}` : `did you mean "${limits.meant}"?`;
      const nearest = limits.meant === '' ? {} : { nearest: limits.meant };
      return [
        { value: limits.misspelt, says: `unknown name "${limits.misspelt}"; ${hint}`, ...nearest },
        ...[1, null, true, [limits.names[0]], {}].map((value) => ({
          value,
          says: `must be one of ${listed}, got ${JSON.stringify(value)}`,
        })),
      ];
    }
  }
}

function goodValues(limits: Limits): unknown[] {
  switch (limits.kind) {
    case 'whole':
    case 'number': {
      const { min, above, max, below } = limits;
      return [min ?? (above as number) + 1e-6, max ?? (below as number) - 1e-6];
    }
    case 'boolean':
      return [true, false];
    case 'augmentation':
      return [
        'none',
        { name: 'pad_crop' },
        { name: 'pad_crop_flip', pad: 16 },
        ['none', { name: 'cutout', length: 64 }],
        { name: 'pad_crop', fill: 'reflect' },
        ['hflip', 'idbh', { name: 'cutmix_batch', alpha: 100, window: 20 }],
      ];
    case 'attacks':
      return [
        [],
        ['autoattack', { name: 'pgd', steps: 40, loss: 'cw', epsilon: 0.2, id: 'strong' }],
        Array.from({ length: 16 }, (_, k) => ({ name: 'pgd', steps: k })),
      ];
    case 'weights':
      return [['best'], ['best', 'final'], ['final', 'final']];
    case 'fractions':
      return [[], Array.from({ length: limits.most }, (_, k) => k / (limits.most - 1))];
    case 'name':
      return [...limits.names];
    case 'text':
      return [...limits.good];
  }
}

/** The issues of a grid with this part; fails where it is accepted. */
function issuesOf(part: Readonly<Record<string, unknown>>): readonly GridIssue[] {
  try {
    parseGrid({ name: 'grid', seeds: [1], ...part });
  } catch (error) {
    if (error instanceof GridError) return error.issues;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(part)}`);
}

/** Every place of a grid where one value of an axis may stand, with the field an issue must then name. */
const PLACES: [place: string, part: (path: string, value: unknown) => Record<string, unknown>, field: string][] = [
  ['base', (path, value) => ({ base: { [path]: value } }), 'base.AXIS'],
  ['axes', (path, value) => ({ axes: { [path]: [value] } }), 'axes.AXIS[0]'],
  ['include', (path, value) => ({ include: [{ [path]: value }] }), 'include[0].AXIS'],
  ['exclude', (path, value) => ({ exclude: [{}, { [path]: value }] }), 'exclude[1].AXIS'],
  [
    'compare.where',
    (path, value) => ({
      compare: { factor: 'epochs', baseline: 1, where: { [path]: value }, metric: 'robustGap', margin: 0.1 },
    }),
    'compare.where.AXIS',
  ],
  [
    'compare.baseline',
    (path, value) => ({ compare: { factor: path, baseline: value, metric: 'robustGap', margin: 0.1 } }),
    'compare.baseline',
  ],
];

const CATALOGUE = catalogue().axes;

const nested = (path: string, value: unknown): Record<string, unknown> => {
  const [group, key] = path.split('.') as [string, string?];
  return key === undefined ? { [group]: value } : { [group]: { [key]: value } };
};

it('has limits here for every declared axis, in the same order', () => {
  expect(Object.keys(LIMITS)).toEqual([...AXES.keys()]);
});

describe.each([...AXES.keys()])('%s', (path) => {
  const limits = LIMITS[path];

  it.each(PLACES)('is refused beyond its limits in %s', (_place, part, template) => {
    for (const { value, says, at = '', bad = value, nearest } of badValues(limits)) {
      const issues = issuesOf(part(path, value));
      expect(issues).toHaveLength(1);
      expect(issues[0]).toMatchObject({ field: template.replace('AXIS', path) + at, value: bad });
      expect(issues[0].message).toContain(says);
      expect(issues[0].nearest).toBe(nearest);
    }
  });

  it('is read nested as it is dotted, with the same issues', () => {
    for (const { value } of badValues(limits))
      expect(issuesOf({ base: nested(path, value) })).toEqual(issuesOf({ base: { [path]: value } }));
    for (const value of goodValues(limits)) {
      const { base } = parseGrid({ name: 'grid', seeds: [1], base: nested(path, value) });
      expect([...base]).toEqual([[path, value]]);
    }
  });

  it('passes at its limits', () => {
    const { axes } = parseGrid({ name: 'grid', seeds: [1], axes: { [path]: goodValues(limits) } });
    expect([...axes]).toEqual([[path, goodValues(limits)]]);
  });

  it('needs a list of at least one value among the axes', () => {
    for (const value of [[], 'modern', 5, null, true, { name: 'pad_crop' }]) {
      expect(issuesOf({ axes: { [path]: value } })).toEqual([
        {
          field: `axes.${path}`,
          message: `must be a list of at least one value, got ${JSON.stringify(value)}`,
          value,
        },
      ]);
    }
  });

  it('has its limits in the catalogue', () => {
    const schema = CATALOGUE.find(({ name }) => name === path)?.schema;
    switch (limits.kind) {
      case 'whole':
      case 'number':
        expect(schema).toEqual({
          type: limits.kind === 'whole' ? 'integer' : 'number',
          ...(limits.min === undefined ? {} : { minimum: limits.min }),
          ...(limits.above === undefined ? {} : { exclusiveMinimum: limits.above }),
          ...(limits.max === undefined ? {} : { maximum: limits.max }),
          ...(limits.below === undefined ? {} : { exclusiveMaximum: limits.below }),
        });
        break;
      case 'boolean':
        expect(schema).toEqual({ type: 'boolean' });
        break;
      case 'name':
        expect(schema).toEqual({ type: 'string', enum: limits.names });
        break;
      case 'fractions':
        expect(schema).toEqual({
          type: 'array',
          maxItems: limits.most,
          items: { type: 'number', minimum: 0, maximum: 1 },
        });
        break;
      case 'attacks':
        expect(schema).toMatchObject({ type: 'array', maxItems: 16 });
        expect(JSON.stringify(schema)).toContain('"const":"autoattack"');
        break;
      case 'weights':
        expect(schema).toMatchObject({ type: 'array', minItems: 1, maxItems: 2, items: { enum: ['final', 'best'] } });
        break;
      case 'text':
        expect(schema).toMatchObject({ type: 'string', pattern: expect.stringMatching(/^\^.*\$$/) as string });
        break;
      case 'augmentation':
        expect(JSON.stringify(schema)).toContain('"const":"pad_crop_flip"');
    }
  });
});
