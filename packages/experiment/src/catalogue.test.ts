// The catalogue covers all that a grid may hold, in words and as JSON schemas. The limits are compared in axes.test.ts.
import { describe, expect, it } from 'vitest';
import { AUGMENTATION_NAMES } from './augmentation-parameters.ts';
import { catalogue } from './catalogue.ts';
import { EVALUATION_ATTACK_NAMES } from './evaluation-attack-schemas.ts';
import { DATASET_NAMES } from './dataset-traits.ts';
import { FAILURE_KINDS } from './failure.ts';
import { parseGrid } from './grid.ts';
import { MODEL_NAMES } from './model-facts.ts';
import { AXES } from './parameters.ts';
import { METRIC_NAMES } from './run-result.ts';
import { SEEDING_MODES } from './seeding-mode.ts';

const found = catalogue();

describe('the catalogue', () => {
  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it('has every name once, in the order of declaration', () => {
    const names = (entries: readonly { readonly name: string }[]) => entries.map(({ name }) => name);
    expect(names(found.axes)).toEqual([...AXES.keys()]);
    expect(names(found.augmentations)).toEqual(AUGMENTATION_NAMES);
    expect(names(found.attacks)).toEqual(EVALUATION_ATTACK_NAMES);
    expect(names(found.seedingModes)).toEqual(SEEDING_MODES);
    expect(names(found.datasets)).toEqual(DATASET_NAMES);
    expect(names(found.models)).toEqual(MODEL_NAMES);
    expect(names(found.metrics)).toEqual(METRIC_NAMES);
    expect(names(found.failures)).toEqual(Object.keys(FAILURE_KINDS));
  });

  it('says what each of them means, in a sentence', () => {
    for (const entries of Object.values(found))
      for (const { name, meaning } of entries) expect(`${name}: ${meaning}`).toMatch(/^[\w.-]+: \S.{10,}[.;]/);
  });

  it.each(found.axes)('has default, limits and unit of $name', ({ name, schema, unit, ...axis }) => {
    expect(axis.default).not.toBe('');
    expect(schema).not.toHaveProperty('$schema');
    if (schema['type'] === 'integer' || schema['type'] === 'number') {
      expect(Object.keys(schema).filter((key) => /^(exclusiveM|m)inimum$/.test(key))).toHaveLength(1);
      expect(Object.keys(schema).filter((key) => /^(exclusiveM|m)aximum$/.test(key))).toHaveLength(1);
    } else {
      expect(['boolean', 'string', 'array', undefined]).toContain(schema['type']);
      if (schema['type'] === 'string') expect(schema['enum'] ?? [schema['pattern']]).not.toContain(undefined);
    }
    expect(unit === null || unit.length > 0).toBe(true);
    expect(AXES.get(name)?.unit ?? null).toBe(unit);
  });

  it('has schemas of augmentations whose parameters a grid takes at their limits', () => {
    for (const { name, schema } of found.augmentations) {
      const { properties, additionalProperties } = schema as {
        properties: Record<string, { minimum?: number; maximum?: number; description?: string }>;
        additionalProperties: boolean;
      };
      expect(additionalProperties).toBe(false);
      const parameters = Object.entries(properties).filter(([key]) => key !== 'name');
      for (const [, { description }] of parameters) expect(description).toMatch(/\w/);
      for (const limit of ['minimum', 'maximum'] as const) {
        const augmentation = Object.fromEntries(parameters.map(([key, range]) => [key, range[limit]]));
        const body = { name: 'grid', base: { augmentation: { name, ...augmentation } }, seeds: [1] };
        expect(parseGrid(body).base.get('augmentation')).toEqual({ name, ...augmentation });
      }
    }
  });

  it('has every attack with its paper, and of each parameter a meaning, limits and default', () => {
    for (const { source, schema } of found.attacks) {
      expect(source).toMatch(/\d{4}, arXiv:\d{4}\.\d{4,5}/);
      expect(schema['additionalProperties']).toBe(false);
      const properties = schema['properties'] as Record<string, Record<string, unknown>>;
      const { name, id, epsilon, ...parameters } = properties;
      expect([name['const'], id['description'], epsilon['maximum']]).toEqual([name['const'], expect.any(String), 100]);
      for (const parameter of Object.values(parameters)) {
        expect(parameter).toMatchObject({ description: expect.stringMatching(/\w/), default: expect.anything() });
        if (parameter['type'] === 'string') expect(parameter['enum']).toEqual(['ce', 'cw', 'dlr']);
        else expect(parameter).toMatchObject({ minimum: expect.any(Number), maximum: expect.any(Number) });
      }
    }
  });

  it('knows the size of each dataset', () => {
    const grey = { imageShape: [28, 28, 1], classes: 10, trainImages: 60_000, testImages: 10_000 };
    const colour = { imageShape: [32, 32, 3], trainImages: 50_000, testImages: 10_000 };
    expect(found.datasets).toMatchObject([
      { name: 'mnist', ...grey },
      { name: 'fashion_mnist', ...grey },
      { name: 'cifar10', classes: 10, ...colour },
      { name: 'cifar100', classes: 100, ...colour },
      { name: 'images', imageShape: null, classes: null, trainImages: null, testImages: null },
    ]);
  });

  it('says of every metric which direction is better', () => {
    const raw = {
      cleanAccuracy: 'higherIsBetter',
      robustAccuracy: 'higherIsBetter',
      robustAccuracyBest: 'higherIsBetter',
      robustAccuracyFinal: 'higherIsBetter',
      robustDrop: 'lowerIsBetter',
      robustGap: 'lowerIsBetter',
      strongAccuracyFinal: 'higherIsBetter',
      strongAccuracyBest: 'higherIsBetter',
    };
    const averaged = Object.fromEntries(Object.entries(raw).map(([name, direction]) => [`${name}Wa`, direction]));
    expect(Object.fromEntries(found.metrics.map(({ name, direction }) => [name, direction]))).toEqual({
      ...raw,
      ...averaged,
    });
  });
});
