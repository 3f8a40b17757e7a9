// POST /v1/audits: the audit of draws recorded in somebody's own training code.
import type { Readable } from 'node:stream';
import { auditTrace, type TraceAudit, TraceEmptyError, TraceLineError } from '@reseed/dataloader';
import { z } from 'zod';
import type { Api } from '../api-context.ts';
import { ApiError } from '../errors/api-error.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { noQuery } from './parameters.ts';

const MEDIA_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];
/** Analysed at once, which keeps the server from other requests for about two seconds; further lines are only read. */
const ANALYSED_LINES = 1_000_000;
/** A slow line may take its time: the trace is read as it comes. */
const UPLOAD_LIMIT_MS = 600_000;

const share = z.number().min(0).max(1);
const label = z.union([z.string(), z.number()]).nullable();

const traceAudit = z.object({
  lines: z.int(),
  analysedLines: z.int(),
  runs: z
    .array(
      z.object({
        run: label,
        seed: label,
        epochs: z.int(),
        workers: z.array(z.int()).readonly().describe('−1: the main process'),
        draws: z.int(),
        distinctBlocksPerEpoch: z.int().describe('of the epoch with the fewest'),
        distinctBlocksPerRun: z.int(),
        duplicatedSharePerEpoch: share,
        repeatedSharePerRun: share,
        usesPerBlock: z.object({ least: z.int(), most: z.int() }),
        distinctStreams: z.int().describe('distinct first draws of the (epoch, worker) sequences'),
        meanDistinctParametersPerSample: z.number(),
        sameAsPreviousEpochShare: share,
        duplicatesInWindowShare: share.nullable().describe('null when the lines name no batches'),
      }),
    )
    .readonly(),
  chance: z.object({
    collisionProbability: z.number(),
    expectedDuplicatePairs: z.number(),
    observedDuplicatePairs: z.number(),
    blocksComparedTogether: z.number(),
    streams: z.int(),
    expectedEqualStreamPairs: z.number(),
  }),
  verdict: z.enum(['clean', 'defect']),
  variants: z.array(z.object({ variant: z.int(), name: z.string(), meaning: z.string() })).readonly(),
  explanations: z
    .array(z.array(z.int()).readonly())
    .readonly()
    .describe('alternatives that explain the trace equally well, each a set of variants'),
  evidence: z.array(z.string()).readonly(),
  notes: z.array(z.string()).readonly(),
});

/** @throws ApiError trace_invalid */
async function audit(body: Readable): Promise<TraceAudit> {
  try {
    return await auditTrace(body, { maxAnalysedLines: ANALYSED_LINES });
  } catch (error) {
    if (error instanceof TraceLineError) {
      const { line, field, value, allowed } = error;
      throw new ApiError('trace_invalid', { line, field, value, allowed }, error.message);
    }
    if (error instanceof TraceEmptyError) throw new ApiError('trace_invalid', {}, error.message);
    throw error;
  }
}

export function traceAuditRoutes(app: Api): void {
  app.register(async (scope: Api) => {
    // Here a body is a stream of lines, and nowhere else.
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser(MEDIA_TYPES, (_request, payload, done) => done(null, payload));
    scope.post('/v1/audits', {
      handlerTimeout: UPLOAD_LIMIT_MS,
      schema: {
        tags: ['audits'],
        summary: 'Audit draws recorded in your own training code',
        description:
          'The body is NDJSON: a line per loaded sample, `{ "epoch", "worker", "index", "draws": […] or "digest" }`, with `run`, `seed`, `resume` and `batch` where they are known. It is read as it comes, whatever its size; nothing is stored. The answer is 200 for both verdicts.',
        consumes: MEDIA_TYPES,
        querystring: noQuery,
        body: z.unknown().describe('lines of JSON'),
        response: {
          200: traceAudit,
          ...errorResponses('trace_invalid', 'query_invalid', 'media_type_unsupported', 'origin_refused'),
        },
      },
      handler: async ({ body }) => audit(body as Readable),
    });
  });
}
