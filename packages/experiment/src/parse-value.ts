// Checks one value against the schema of its axis and words what is wrong with it.
import type { z } from 'zod';
import { AUGMENTATION_SCHEMAS } from './augmentation-parameters.ts';
import type { Axis } from './axis.ts';
import { EVALUATION_ATTACK_SCHEMAS } from './evaluation-attack-schemas.ts';
import { type GridIssue, unknownName } from './grid-error.ts';

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);

const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  nonoptional: 'given',
};

/** Words one zod issue: field, value and limit. */
function explainIssue(issue: z.core.$ZodIssue, field: string, value: unknown): GridIssue {
  const at = issue.path.reduce<string>(
    (path, key) => (typeof key === 'number' ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${String(key)}`),
    field,
  );
  const inner = issue.path.reduce<unknown>(
    (current, key) => (current as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const found = inner === undefined ? 'it is missing' : `got ${show(inner)}`;
  const withValue = inner === undefined ? {} : { value: inner };
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum;
    const bound =
      issue.code === 'too_small'
        ? issue.inclusive
          ? 'at least'
          : 'greater than'
        : issue.inclusive
          ? 'at most'
          : 'less than';
    const size =
      issue.origin === 'array'
        ? 'must have a length of'
        : issue.origin === 'string'
          ? 'must have a number of characters of'
          : 'must be';
    return { field: at, message: `${size} ${bound} ${String(limit)}, ${found}`, ...withValue };
  }
  if (issue.code === 'invalid_value') {
    if (typeof inner === 'string') return { ...unknownName(at, inner, issue.values.map(String)), value: inner };
    return { field: at, message: `must be one of ${issue.values.map(show).join(', ')}, ${found}`, ...withValue };
  }
  if (issue.code === 'invalid_type') {
    return {
      field: at,
      message: `must be ${TYPE_WORDS[issue.expected] ?? `a ${issue.expected}`}, ${found}`,
      ...withValue,
    };
  }
  return { field: at, message: `${issue.message.toLowerCase()}, ${found}`, ...withValue };
}

/**
 * Words zod's issues of one value, one per field: of several limits that a number is beyond, the tightest stands last.
 * @param known the keys that the value may have, where it is a strict object
 */
export function explainIssues(
  issues: readonly z.core.$ZodIssue[],
  field: string,
  value: unknown,
  known: readonly string[] = [],
): GridIssue[] {
  // Zod measures the length of a text that should be a list too; what matters is that it is no list.
  const mistyped = issues.filter(({ code }) => code === 'invalid_type').map(({ path }) => path.join());
  const telling = issues.filter(({ code, path }) => code === 'invalid_type' || !mistyped.includes(path.join()));
  const explained = telling.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownName(`${field}.${key}`, key, known))
      : [explainIssue(issue, field, value)],
  );
  return [...new Map(explained.map((issue) => [issue.field, issue])).values()];
}

/** What an item of a list may be: the name of one of these, or an object that holds its parameters. */
interface NamedItems {
  readonly schemas: Readonly<Record<string, z.ZodObject>>;
  readonly expected: string;
}

const AUGMENTATIONS: NamedItems = {
  schemas: AUGMENTATION_SCHEMAS,
  expected: 'must be a name, { name, … } or a list of these',
};
const ATTACKS: NamedItems = { schemas: EVALUATION_ATTACK_SCHEMAS, expected: 'must be a name or { name, … }' };

/** A written augmentation is a union, whose own messages say little; this finds what the writer meant and says what is off. */
function explainAugmentation(value: unknown, field: string): GridIssue[] {
  if (!Array.isArray(value)) return explainItem(value, field, AUGMENTATIONS);
  if (value.length === 0 || value.length > 8)
    return [{ field, message: `a list must have 1 to 8 items, got ${value.length}`, value }];
  return explainItems(value, field, AUGMENTATIONS);
}

function explainAttacks(value: unknown, field: string): GridIssue[] {
  return Array.isArray(value) ? explainItems(value, field, ATTACKS) : [];
}

const explainItems = (list: readonly unknown[], field: string, items: NamedItems): GridIssue[] =>
  list.flatMap((item, index) => explainItem(item, `${field}[${index}]`, items));

function explainItem(value: unknown, field: string, { schemas, expected }: NamedItems): GridIssue[] {
  const name: unknown = typeof value === 'object' && value !== null ? (value as { name?: unknown }).name : value;
  if (typeof name !== 'string') return [{ field, message: `${expected}, got ${show(value)}`, value }];
  if (!Object.hasOwn(schemas, name)) return [{ ...unknownName(field, name, Object.keys(schemas)), value: name }];
  if (typeof value === 'string') return [];
  const { shape } = schemas[name];
  return Object.entries(value as object).flatMap(([key, inner]) => {
    if (!Object.hasOwn(shape, key)) return [unknownName(`${field}.${key}`, key, Object.keys(shape))];
    const parsed = (shape as Record<string, z.ZodType>)[key].safeParse(inner);
    return parsed.success ? [] : explainIssues(parsed.error.issues, `${field}.${key}`, inner);
  });
}

/** Where a schema is a union, which says little about what is wrong with a value. */
const EXPLAIN: Readonly<Record<string, (value: unknown, field: string) => GridIssue[]>> = {
  augmentation: explainAugmentation,
  'evaluation.attacks': explainAttacks,
};

/** The issues of one value of one axis; empty when it is fine. */
export function checkAxisValue(path: string, axis: Axis<unknown>, value: unknown, field: string): GridIssue[] {
  const parsed = axis.schema.safeParse(value);
  if (parsed.success) return [];
  const explained = EXPLAIN[path]?.(value, field) ?? [];
  return explained.length > 0 ? explained : explainIssues(parsed.error.issues, field, value);
}
