// Checks path and query parameters against their zod schemas, and words what is wrong as an error of the catalogue.
import { type GridIssue, unknownName } from '@reseed/experiment';
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { ApiError } from './errors/api-error.ts';

function explain(issue: z.core.$ZodIssue, schema: z.ZodType, given: unknown): GridIssue[] {
  if (issue.code === 'unrecognized_keys') {
    const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    return issue.keys.map((key) => unknownName(key, key, known));
  }
  const [name] = issue.path;
  const value = name === undefined ? undefined : (given as Record<PropertyKey, unknown>)[name];
  const field = issue.path.join('.');
  if (value === undefined) return [{ field, message: issue.message }];
  return [{ field, message: `${issue.message}, got ${JSON.stringify(value)}`, value }];
}

/**
 * Bodies pass unchecked: a grid has its own reader, which finds every problem at once; its zod schema is there for the
 * documentation.
 */
export const compileValidator: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  if (httpPart === 'body') return (value: unknown) => ({ value });
  return (given: unknown) => {
    const parsed = schema.safeParse(given);
    if (parsed.success) return { value: parsed.data };
    const issues = parsed.error.issues.flatMap((issue) => explain(issue, schema, given));
    const text = issues.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');
    if (httpPart === 'params') return { error: new ApiError('id_invalid', { issues }, text) };
    return { error: new ApiError('query_invalid', { issues }, text) };
  };
};
