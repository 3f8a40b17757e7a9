// Decides whether a resolved condition matches written axis values, as `exclude`, `where`, `baseline` and `levels` use them.
import { readPath } from './axis.ts';
import type { Condition } from './parameters.ts';

/** Equality of a written value with a resolved one: a name matches an object of that name, an object matches by the keys it has. */
export function matchesValue(written: unknown, resolved: unknown): boolean {
  if (written === resolved) return true;
  if (Array.isArray(written)) {
    if (!Array.isArray(resolved)) return written.length === 1 && matchesValue(written[0], resolved);
    return written.length === resolved.length && written.every((item, index) => matchesValue(item, resolved[index]));
  }
  if (typeof resolved === 'string' && typeof written === 'object' && written !== null)
    return (written as { name?: unknown }).name === resolved;
  if (typeof resolved !== 'object' || resolved === null || Array.isArray(resolved)) return false;
  if (typeof written === 'string') return (resolved as { name?: unknown }).name === written;
  if (typeof written !== 'object' || written === null) return false;
  return Object.entries(written).every(([key, value]) =>
    matchesValue(value, (resolved as Record<string, unknown>)[key]),
  );
}

/** True when the condition has every one of these values (dotted or nested names). */
export function matchesCondition(
  values: Iterable<readonly [path: string, value: unknown]>,
  condition: Condition,
): boolean {
  for (const [path, value] of values) if (!matchesValue(value, readPath(condition, path))) return false;
  return true;
}
