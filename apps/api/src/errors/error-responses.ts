// The error answers of a route as response schemas, so that the documentation of each route lists its codes.
import { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.ts';

/** Codes that any route may answer with. */
const EVERYWHERE: readonly ErrorCode[] = ['request_invalid', 'unauthorized', 'internal_error', 'service_unavailable'];

/** Response schemas by status for these codes and for those of every route. */
export function errorResponses(...codes: ErrorCode[]): Record<number, z.ZodType> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes, ...EVERYWHERE]) {
    const { status } = ERROR_CATALOGUE[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, list]) => [status, errorSchema(list)]));
}

function errorSchema(codes: readonly ErrorCode[]): z.ZodType {
  const description = codes.map((code) => `\`${code}\`: ${ERROR_CATALOGUE[code].message}`).join('\n\n');
  return z
    .object({
      error: z.object({
        code: z.enum(codes),
        message: z.string(),
        details: z.record(z.string(), z.unknown()),
      }),
    })
    .describe(description);
}
