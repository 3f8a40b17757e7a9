// Decides whether a resolved condition matches written axis values, as `exclude`, `where`, `baseline` and `levels` use them.
import { withoutNone, withUnwrittenDefaults } from './augmentation-parameters.ts';
import { readPath } from './axis.ts';
import type { Condition } from './parameters.ts';

/**
 * Equality of a written value with a resolved one: a name matches an object of that name, an object matches by the keys
 * it has. What resolves to the same augmentation matches too, however much of it the canonical form drops.
 */
export function matchesValue(written: unknown, resolved: unknown): boolean {
  return matches(written, resolved) || (Array.isArray(written) && matches(withoutNone(written), resolved));
}

function matches(written: unknown, resolved: unknown): boolean {
  if (written === resolved) return true;
  if (Array.isArray(written)) {
    if (!Array.isArray(resolved)) return written.length === 1 && matches(written[0], resolved);
    return written.length === resolved.length && written.every((item, index) => matches(item, resolved[index]));
  }
  if (typeof resolved === 'string' && typeof written === 'object' && written !== null)
    return (written as { name?: unknown }).name === resolved;
  if (typeof resolved !== 'object' || resolved === null || Array.isArray(resolved)) return false;
  if (typeof written === 'string') return (resolved as { name?: unknown }).name === written;
  if (typeof written !== 'object' || written === null) return false;
  const whole = withUnwrittenDefaults(resolved as Record<string, unknown>);
  return Object.entries(written).every(([key, value]) => matches(value, whole[key]));
}

/** True when the condition has every one of these values (dotted or nested names). */
export function matchesCondition(
  values: Iterable<readonly [path: string, value: unknown]>,
  condition: Condition,
): boolean {
  for (const [path, value] of values) if (!matchesValue(value, readPath(condition, path))) return false;
  return true;
}
