// One axis: the schema, default, unit and meaning of one parameter that a grid may vary.
import type { z } from 'zod';

/** Facts a reader of the catalogue needs; `source` is the paper or library the parameter comes from. */
export interface AxisFacts {
  readonly meaning: string;
  readonly unit?: string;
  readonly source?: string;
}

/** What is resolved so far when a default is computed; groups that come earlier in the declaration are complete. */
export type Resolved = Readonly<Record<string, unknown>>;

export interface Axis<T> extends AxisFacts {
  readonly kind: 'axis';
  readonly schema: z.ZodType<T>;
  /** The default in words, for the catalogue, where it depends on other parameters. */
  readonly defaultText: string;
  readonly resolveDefault: (soFar: Resolved) => T;
  /** Brings a written value, or the default, into the one form that is hashed and stored; as it stands unless given. */
  readonly canonicalise?: (written: T, soFar: Resolved) => unknown;
}

/** An axis with a fixed default. */
export function axis<T>(schema: z.ZodType<T>, fixedDefault: T, facts: AxisFacts): Axis<T> {
  return {
    kind: 'axis',
    schema,
    resolveDefault: () => fixedDefault,
    defaultText: JSON.stringify(fixedDefault),
    ...facts,
  };
}

/** An axis whose default follows from parameters declared before it. */
export function dependentAxis<T>(
  schema: z.ZodType<T>,
  defaultText: string,
  resolveDefault: (soFar: Resolved) => T,
  facts: AxisFacts,
): Axis<T> {
  return { kind: 'axis', schema, resolveDefault, defaultText, ...facts };
}

/** Reads a nested value (`attack.epsilon`) of a plain object; undefined where the path leads nowhere. */
export function readPath(value: unknown, path: string): unknown {
  let current = value;
  for (const key of path.split('.')) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}
