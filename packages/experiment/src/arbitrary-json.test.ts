// Whatever JSON is posted: it is a grid whose conditions resolve, or a GridError; nothing else is ever thrown.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readPath } from './axis.ts';
import { expandGrid, type Expansion } from './expand-grid.ts';
import { parseGrid } from './grid.ts';
import { GridError } from './grid-error.ts';
import { ALL_PARAMETERS, AXES, resolveCondition } from './parameters.ts';
import { checkAxisValue } from './parse-value.ts';
import { canonicalJson, runKeys } from './run-spec.ts';
import { readTemplate } from './study-template.ts';

/** The expansion of a body, or undefined after a GridError whose issues are themselves JSON and say something. */
function read(body: unknown): Expansion | undefined {
  try {
    return expandGrid(parseGrid(body), { runLimit: 50 });
  } catch (error) {
    if (!(error instanceof GridError)) throw error;
    expect(error.issues.length).toBeGreaterThan(0);
    const text = JSON.stringify(error.issues);
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
    for (const { field, message } of error.issues) expect(`${typeof field} ${message}`).toMatch(/^string ./);
    return undefined;
  }
}

/** What was accepted is complete: posted again as a base, in full, it is the same condition. */
function expectComplete({ conditions }: Expansion): void {
  for (const { condition, scheduling } of conditions) {
    const again = expandGrid(parseGrid({ name: 'again', base: { ...condition, ...scheduling }, seeds: [1] }));
    expect(canonicalJson(again.conditions[0].condition)).toBe(canonicalJson(condition));
    expect(runKeys(again.conditions[0].condition, [1])).toEqual(runKeys(condition, [1]));
  }
}

const hostile = fc.constantFrom('__proto__', 'constructor', 'toString', 'valueOf', 'length', '');
const scalar = fc.oneof(
  fc.constantFrom(null, true, -1, 0, 1, 0.5, 3, 1e300, 'none', 'cutout', 'pad_crop', 'modern', 'pgd', 'sgd', 'cosine'),
  fc.jsonValue({ maxDepth: 2 }),
);
/** An object as JSON.parse makes it, in which `__proto__` is a key like any other. */
const objectOf = (entry: fc.Arbitrary<[string, unknown]>): fc.Arbitrary<unknown> =>
  fc
    .array(entry, { maxLength: 4 })
    .map((pairs) => JSON.parse(`{${pairs.map((pair) => pair.map((part) => JSON.stringify(part)).join(':')).join()}}`));

const augmentationKey = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('name', 'pad', 'length') }, hostile);
const augmentation = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  objectOf(fc.tuple(augmentationKey, scalar)),
  fc.array(objectOf(fc.tuple(fc.constantFrom('name', 'pad'), fc.constantFrom('pad_crop', 'none', 2))), {
    maxLength: 9,
  }),
);

const DEFAULTS = resolveCondition({});
const defaultOf = (path: string): unknown => readPath({ ...DEFAULTS.condition, ...DEFAULTS.scheduling }, path) ?? null;
const parameterName = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...AXES.keys(), ...Object.keys(ALL_PARAMETERS)) },
  hostile,
);
/** Mostly good parameters: the default of an axis or of a whole group, else anything. */
const parameter = (wrap: (value: unknown) => unknown) =>
  parameterName.chain((path) =>
    fc.tuple(
      fc.constant(path),
      fc.oneof({ weight: 6, arbitrary: fc.constant(wrap(defaultOf(path))) }, scalar, augmentation),
    ),
  );
const parameters = objectOf(parameter((value) => value));
const comparisonKey = fc.oneof(
  fc.constantFrom('factor', 'baseline', 'levels', 'where', 'metric', 'margin', 'role'),
  hostile,
);
const fields = {
  name: scalar,
  description: scalar,
  dataset: fc.oneof(scalar, parameters),
  base: parameters,
  axes: objectOf(parameter((value) => [value])),
  seeds: fc.oneof(scalar, fc.array(scalar), parameters, fc.array(fc.nat(9), { minLength: 1, maxLength: 2 })),
  include: fc.oneof(scalar, fc.array(parameters, { maxLength: 2 })),
  exclude: fc.oneof(scalar, fc.array(parameters, { maxLength: 2 })),
  compare: fc.oneof(scalar, objectOf(fc.tuple(comparisonKey, scalar))),
};
type Field = keyof typeof fields;
const body = fc
  .subarray(Object.keys(fields) as Field[], { minLength: 1, maxLength: 3 })
  .chain((chosen) => fc.record(Object.fromEntries(chosen.map((field) => [field, fields[field]]))))
  .map((chosen) => ({ name: 'grid', seeds: [1], ...chosen }));

it('of any kind', () => {
  const property = fc.property(fc.jsonValue(), (value) => {
    expect(read(value)).toBeUndefined();
  });
  fc.assert(property, { numRuns: 300 });
});

it('of the shape of a grid', () => {
  let accepted = 0;
  const property = fc.property(body, (value) => {
    const expansion = read(value);
    if (expansion === undefined) return;
    accepted += 1;
    expectComplete(expansion);
  });
  fc.assert(property, { numRuns: 600 });
  expect(accepted).toBeGreaterThan(0);
});

it('that was a template before one place of it was replaced', () => {
  const template = JSON.stringify(readTemplate('reassess-tiny'));
  const paths: string[] = [];
  const collect = (value: unknown, path: string): void => {
    if (path !== '') paths.push(path);
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) collect(inner, path === '' ? key : `${path}.${key}`);
  };
  collect(JSON.parse(template), '');
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.oneof(scalar, augmentation), (path, value) => {
      const changed: unknown = JSON.parse(template);
      const parent = path.includes('.') ? readPath(changed, path.slice(0, path.lastIndexOf('.'))) : changed;
      (parent as Record<string, unknown>)[path.slice(path.lastIndexOf('.') + 1)] = value;
      const expansion = read(changed);
      if (expansion !== undefined) expectComplete(expansion);
    }),
    { numRuns: 300 },
  );
});

it('has an issue as an augmentation exactly when the schema refuses it', () => {
  const axis = AXES.get('augmentation');
  if (axis === undefined) throw new Error('augmentation is no axis');
  fc.assert(
    fc.property(augmentation, (value) => {
      const issues = checkAxisValue('augmentation', axis, value, 'base.augmentation');
      expect(issues.length === 0).toBe(axis.schema.safeParse(value).success);
      for (const { field, message } of issues) {
        expect(field).toMatch(/^base\.augmentation/);
        // zod's own words for a union say nothing to the writer.
        expect(message).not.toMatch(/^invalid/);
      }
    }),
    { numRuns: 1000 },
  );
});
