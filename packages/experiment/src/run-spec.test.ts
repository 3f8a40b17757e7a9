// The runKey against a second computation of it, and what it does and does not depend on.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPath } from './axis.ts';
import { DATASET_FACTS, type NamedDataset } from './dataset-facts.ts';
import { datasetTraits } from './dataset-traits.ts';
import { expandGrid } from './expand-grid.ts';
import { parseGrid } from './grid.ts';
import { AXES, type Condition, resolveCondition, SCHEDULING_PARAMETERS } from './parameters.ts';
import { canonicalJson, runKeys, sha256Hex, SPEC_VERSION } from './run-spec.ts';
import { readTemplate } from './study-template.ts';

/** JSON with sorted keys and no white space, written here anew. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sortedJson((value as Record<string, unknown>)[key])}`);
  return `{${members.join(',')}}`;
}

function keyOf(whole: Condition, seed: number): string {
  const { evaluation, ...condition } = whole;
  const checksum = DATASET_FACTS[whole.dataset.name as NamedDataset].files.map(({ sha256 }) => sha256).join('+');
  const text = sortedJson({ specVersion: SPEC_VERSION, condition, seed, datasetChecksum: checksum, evaluation });
  return createHash('sha256').update(text).digest('hex');
}

const keysOf = (body: Readonly<Record<string, unknown>>): string[][] => {
  const { conditions, seeds } = expandGrid(parseGrid({ name: 'grid', seeds: [3, 7], ...body }));
  return conditions.map(({ condition }) => runKeys(condition, seeds));
};

const scheduling = new Set(
  Object.entries(SCHEDULING_PARAMETERS).flatMap(([key, entry]) =>
    'kind' in entry ? [key] : Object.keys(entry).map((inner) => `${key}.${inner}`),
  ),
);
const CONDITION_AXES = [...AXES.keys()].filter((path) => !scheduling.has(path));

describe('canonicalJson', () => {
  it('is JSON with sorted keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(value)).toBe(sortedJson(value));
      }),
    );
    expect(canonicalJson({ b: [1, { z: 0, a: 1e21 }], a: 0.1, 'a.b': null })).toBe(
      '{"a":0.1,"a.b":null,"b":[1,{"a":1e+21,"z":0}]}',
    );
  });

  it('refuses what is no JSON', () => {
    expect(() => canonicalJson(undefined)).toThrow(TypeError);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, { epsilon: Number.NaN }])
      expect(() => canonicalJson(value)).toThrow();
  });
});

describe('the runKey', () => {
  it('is sha256 over specVersion, condition without evaluation, seed, dataset checksum and evaluation', () => {
    const { conditions, seeds } = expandGrid(parseGrid(readTemplate('reassess-tiny')));
    for (const { condition } of conditions)
      expect(runKeys(condition, seeds)).toEqual(seeds.map((seed) => keyOf(condition, seed)));
    const seed = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(seed, fc.double({ min: 0, max: 1, noNaN: true }), (one, epsilon) => {
        const { condition } = resolveCondition({ attack: { epsilon }, augmentation: ['pad_crop', 'cutout'] });
        expect(runKeys(condition, [one])).toEqual([keyOf(condition, one)]);
      }),
    );
  });

  it('of the first run of reassess-tiny never changes unnoticed', () => {
    const { conditions, seeds } = expandGrid(parseGrid(readTemplate('reassess-tiny')));
    expect(seeds[0]).toBe(401918031);
    // A new value here means that results of the same study are not re-used: raise SPEC_VERSION only when a meaning changed.
    expect(SPEC_VERSION).toBe(1);
    expect(runKeys(conditions[0].condition, seeds)[0]).toBe(
      '9a151da8283b62bd8d2ae06e73704fcb9b80aa4b66578235ee30a853c9395668',
    );
  });

  it('holds the checksums of the files of the dataset', () => {
    const { checksum } = datasetTraits(resolveCondition({}).condition.dataset);
    expect(checksum).toMatch(/^[0-9a-f]{64}(\+[0-9a-f]{64}){3}$/);
    expect(new Set(checksum.split('+')).size).toBe(4);
  });

  it('holds the checksum that a grid gives of its images', () => {
    const checksum = 'ab'.repeat(32);
    const given = { name: 'images', folder: 'pets', height: 32, width: 32, channels: 3, classes: 2, checksum };
    const { condition } = resolveCondition({ dataset: given });
    const { evaluation, ...rest } = condition;
    const text = sortedJson({
      specVersion: SPEC_VERSION,
      condition: rest,
      seed: 5,
      datasetChecksum: checksum,
      evaluation,
    });
    expect(runKeys(condition, [5])).toEqual([sha256Hex(text)]);
  });

  it('is the same whether defaults are written or left out, in any order, nested or dotted', () => {
    const written = { seedingMode: 'inherited', 'optimizer.name': 'sgd', augmentation: 'pad_crop', 'attack.steps': 7 };
    const [[expected]] = keysOf({ base: written });
    const { condition } = expandGrid(parseGrid({ name: 'grid', base: written, seeds: [3] })).conditions[0];
    const others = CONDITION_AXES.filter((path) => !(path in written));
    const places = fc.tuple(fc.shuffledSubarray(others), fc.shuffledSubarray(others), fc.infiniteStream(fc.boolean()));
    fc.assert(
      fc.property(places, ([some, order, coins]) => {
        const chosen = new Set(some);
        const base: Record<string, unknown> = { ...written };
        for (const path of order.filter((one) => chosen.has(one))) {
          const [group, key] = path.split('.') as [string, string?];
          const value = readPath(condition, path);
          if (key === undefined || coins.next().value) base[path] = value;
          else base[group] = { ...(base[group] as object | undefined), [key]: value };
        }
        expect(keysOf({ base })[0][0]).toBe(expected);
      }),
    );
  });

  it('is the same for one augmentation however it is written', () => {
    const keys = (augmentation: unknown) => keysOf({ base: { augmentation } })[0][0];
    for (const same of [{ name: 'pad_crop' }, { name: 'pad_crop', pad: 1 }, ['pad_crop'], ['none', 'pad_crop']])
      expect(keys(same)).toBe(keys('pad_crop'));
    for (const same of [{ name: 'none' }, ['none'], ['none', 'none']]) expect(keys(same)).toBe(keys('none'));
    expect(keys(['pad_crop', 'cutout'])).not.toBe(keys(['cutout', 'pad_crop']));
  });

  it('is the same after the condition was stored by something that sorts keys', () => {
    const { condition } = resolveCondition({ augmentation: ['pad_crop', 'cutout'] });
    const stored = JSON.parse(sortedJson(condition)) as Condition;
    expect(JSON.stringify(stored)).not.toBe(JSON.stringify(condition));
    expect(runKeys(stored, [1, 2])).toEqual(runKeys(condition, [1, 2]));
  });

  it('is the same whether a value stands in dataset, base, axes or include', () => {
    const [expected] = keysOf({ base: { 'dataset.trainSize': 50, epochs: 3 } });
    for (const body of [
      { dataset: { trainSize: 50 }, base: { epochs: 3 } },
      { base: { dataset: { trainSize: 50 } }, axes: { epochs: [3] } },
      { axes: { epochs: [4] }, include: [{ epochs: 3, dataset: { trainSize: 50 } }] },
    ])
      expect(keysOf(body).at(-1)).toEqual(expected);
  });

  it('does not depend on name, description, other seeds, compare, priority or requires', () => {
    const base = { augmentation: 'cutout' };
    const [[first, second]] = keysOf({ base });
    const compare = { factor: 'epochs', baseline: 20, metric: 'robustGap', margin: 0.1 };
    expect(keysOf({ base, name: 'another', description: 'text', compare })).toEqual([[first, second]]);
    expect(keysOf({ base: { ...base, priority: 7, 'requires.device': 'gpu' } })).toEqual([[first, second]]);
    expect(keysOf({ base, seeds: [7, 99, 3] })).toEqual([[second, expect.any(String), first]]);
  });

  it('changes with the seed', () => {
    const { condition } = resolveCondition({});
    const seeds = [0, 1, 10, 11, 110, 0xffffffff];
    expect(new Set(runKeys(condition, seeds)).size).toBe(seeds.length);
    expect(runKeys(condition, [])).toEqual([]);
  });

  it('changes with every axis of the condition', () => {
    const OTHER: Readonly<Record<string, unknown>> = {
      'dataset.name': 'fashion_mnist',
      'dataset.trainSize': 999,
      'dataset.validationSize': 999,
      'dataset.testSize': 999,
      'dataset.splitSeed': 1,
      'dataset.folder': 'pets',
      'dataset.height': 32,
      'dataset.width': 32,
      'dataset.channels': 3,
      'dataset.classes': 11,
      'dataset.checksum': 'ab'.repeat(32),
      seedingMode: 'inherited',
      augmentation: { name: 'cutout', length: 8 },
      model: 'mnist_net',
      normalisation: 'dataset',
      method: 'plain',
      beta: 6,
      epochs: 21,
      batchSize: 51,
      labelSmoothing: 0.1,
      'attack.name': 'fgsm',
      'attack.norm': 'l2',
      'attack.epsilon': 0.2,
      'attack.steps': 4,
      'attack.stepSize': 0.05,
      'attack.stepRule': 'adam',
      'attack.init': 'zero',
      'attack.replays': 2,
      'attack.batchNorm': 'eval',
      'awp.gamma': 0.01,
      'loader.workers': 3,
      'loader.order': 'torch_exact',
      'loader.shuffle': 'fixed',
      'loader.dropLast': true,
      'loader.batchRepeat': 2,
      'optimizer.name': 'sgd',
      'optimizer.learningRate': 0.001,
      'optimizer.momentum': 0.5,
      'optimizer.nesterov': true,
      'optimizer.weightDecay': 0.1,
      'schedule.name': 'cosine',
      'schedule.milestones': [0.7, 0.8],
      'schedule.factor': 0.2,
      'schedule.peak': 0.3,
      'warmup.epsilonFraction': 0,
      'averaging.decay': 0.995,
      'averaging.startFraction': 0.5,
      'stopping.overfittingDrop': 0.1,
      'stopping.patience': 3,
      'evaluation.every': 3,
      'evaluation.epsilon': 0.2,
      'evaluation.steps': 20,
      'evaluation.stepSize': 0.05,
      'evaluation.restarts': 2,
      'evaluation.batchSize': 251,
      'evaluation.attacks': ['pgd'],
      'evaluation.weights': ['final'],
      'evaluation.gates': true,
    };
    expect(Object.keys(OTHER)).toEqual(CONDITION_AXES);
    const { condition } = resolveCondition({});
    const keys = Object.entries(OTHER).map(([path, value]) => {
      const changed = structuredClone(condition) as unknown as Record<string, unknown>;
      const [group, key] = path.split('.') as [string, string?];
      if (key === undefined) changed[group] = value;
      else (changed[group] as Record<string, unknown>)[key] = value;
      return runKeys(changed as unknown as Condition, [1])[0];
    });
    expect(new Set([...keys, ...runKeys(condition, [1])]).size).toBe(keys.length + 1);
  });
});

it('sha256Hex is the digest of the UTF-8 text', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256Hex('é')).toBe(
    createHash('sha256')
      .update(Buffer.from([0xc3, 0xa9]))
      .digest('hex'),
  );
});
