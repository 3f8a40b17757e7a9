// Reads a set of parameters, nested or dotted (`attack.epsilon`), into one flat map from axis path to value.
import { type GridIssue, unknownName } from './grid-error.ts';
import { checkAxisValue } from './parse-value.ts';
import { AXES } from './parameters.ts';

export type ParameterValues = ReadonlyMap<string, unknown>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const groups = new Set(
  [...AXES.keys()].filter((path) => path.includes('.')).map((path) => path.slice(0, path.indexOf('.'))),
);

/** Spreads nested groups into dotted paths; what is not a group stays as it is. */
function* flatten(
  parameters: Record<string, unknown>,
  field: string,
): Generator<{ path: string; value: unknown; field: string }> {
  for (const [key, value] of Object.entries(parameters)) {
    if (groups.has(key) && isObject(value)) {
      for (const [inner, nested] of Object.entries(value))
        yield { path: `${key}.${inner}`, value: nested, field: `${field}${key}.${inner}` };
    } else {
      yield { path: key, value, field: `${field}${key}` };
    }
  }
}

/**
 * @param values `single`: each parameter has one value (base, include, exclude); `list`: each has a list (axes)
 * @param issues receives what is wrong; the map holds what is right
 */
export function parseParameters(
  parameters: unknown,
  field: string,
  values: 'single' | 'list',
  issues: GridIssue[],
): Map<string, unknown> {
  const result = new Map<string, unknown>();
  if (parameters === undefined) return result;
  if (!isObject(parameters)) {
    issues.push({
      field,
      message: `must be an object of parameters, got ${JSON.stringify(parameters)}`,
      value: parameters,
    });
    return result;
  }
  const prefix = field === '' ? '' : `${field}.`;
  for (const { path, value, field: at } of flatten(parameters, prefix)) {
    const axis = AXES.get(path);
    if (axis === undefined) {
      const message = groups.has(path)
        ? { field: at, message: `must be an object of ${path} parameters, got ${JSON.stringify(value)}`, value }
        : unknownName(at, path, [...groups, ...AXES.keys()]);
      issues.push(message);
    } else if (result.has(path)) {
      issues.push({ field: at, message: 'is given twice, nested and dotted', value });
    } else if (values === 'single') {
      issues.push(...checkAxisValue(path, axis, value, at));
      result.set(path, value);
    } else if (!Array.isArray(value) || value.length === 0) {
      issues.push({ field: at, message: `must be a list of at least one value, got ${JSON.stringify(value)}`, value });
    } else {
      value.forEach((item, index) => issues.push(...checkAxisValue(path, axis, item, `${at}[${index}]`)));
      result.set(path, value);
    }
  }
  return result;
}

/** A flat map back to nested groups. */
export function nest(values: ParameterValues): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const [group, key] = path.split('.') as [string, string?];
    if (key === undefined) nested[group] = value;
    else nested[group] = { ...(nested[group] as object | undefined), [key]: value };
  }
  return nested;
}
