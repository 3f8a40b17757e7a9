// Checks one value against the schema of its axis and words what is wrong with it.
import type { z } from 'zod';
import { AUGMENTATION_NAMES, AUGMENTATION_SCHEMAS, type AugmentationName } from './augmentation-parameters.ts';
import type { Axis } from './axis.ts';
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
  const explained = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownName(`${field}.${key}`, key, known))
      : [explainIssue(issue, field, value)],
  );
  return [...new Map(explained.map((issue) => [issue.field, issue])).values()];
}

/** A written augmentation is a union, whose own messages say little; this finds what the writer meant and says what is off. */
function explainAugmentation(value: unknown, field: string): GridIssue[] {
  if (Array.isArray(value)) {
    if (value.length === 0 || value.length > 8)
      return [{ field, message: `a list must have 1 to 8 items, got ${value.length}`, value }];
    return value.flatMap((item, index) => explainAugmentationItem(item, `${field}[${index}]`));
  }
  return explainAugmentationItem(value, field);
}

function explainAugmentationItem(value: unknown, field: string): GridIssue[] {
  const name: unknown = typeof value === 'object' && value !== null ? (value as { name?: unknown }).name : value;
  if (typeof name !== 'string') {
    return [{ field, message: `must be a name, { name, … } or a list of these, got ${show(value)}`, value }];
  }
  if (!(AUGMENTATION_NAMES as string[]).includes(name))
    return [{ ...unknownName(field, name, AUGMENTATION_NAMES), value: name }];
  if (typeof value === 'string') return [];
  const { shape } = AUGMENTATION_SCHEMAS[name as AugmentationName];
  return Object.entries(value as object).flatMap(([key, inner]) => {
    if (!Object.hasOwn(shape, key)) return [unknownName(`${field}.${key}`, key, Object.keys(shape))];
    const parsed = (shape as Record<string, z.ZodType>)[key].safeParse(inner);
    return parsed.success ? [] : explainIssues(parsed.error.issues, `${field}.${key}`, inner);
  });
}

/** The issues of one value of one axis; empty when it is fine. */
export function checkAxisValue(path: string, axis: Axis<unknown>, value: unknown, field: string): GridIssue[] {
  const parsed = axis.schema.safeParse(value);
  if (parsed.success) return [];
  const explained = path === 'augmentation' ? explainAugmentation(value, field) : [];
  return explained.length > 0 ? explained : explainIssues(parsed.error.issues, field, value);
}
