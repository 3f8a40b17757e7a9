// Path and query parameters that several routes share.
import { z } from 'zod';

/** `:id` of experiments and runs; ids are stored in lower case. */
export const idParameters = z.strictObject({ id: z.uuid().toLowerCase().describe('UUID') });

export const pageLimit = z.coerce.number().int().min(1).max(200).default(50).describe('most items of one page');

/** Routes without query parameters refuse any. */
export const noQuery = z.strictObject({});
