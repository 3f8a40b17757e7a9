// The weights of a run as a file: safetensors with PyTorch's names and layouts, of the attempt whose result was accepted.
import { hostname } from 'node:os';
import { WEIGHTS_FILES } from '@reseed/artifacts';
import type { Run } from '@reseed/database';
import { readRun } from '@reseed/database';
import { EVALUATED_WEIGHTS, type EvaluatedWeights } from '@reseed/experiment';
import { z } from 'zod';
import type { Api, ApiContext } from '../api-context.ts';
import { ApiError } from '../errors/api-error.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { idParameters } from './parameters.ts';

/** A large file on a slow line takes longer than any other answer. */
const DOWNLOAD_LIMIT_MS = 3_600_000;

const FILE = 'application/octet-stream';

/** Hashes are known of the final weights only. */
function hashOf(run: Run, weights: EvaluatedWeights): string | null {
  switch (weights) {
    case 'final':
      return run.weightHash;
    case 'finalWa':
      return run.weightHashWa;
    case 'best':
    case 'bestWa':
      return null;
  }
}

const isAveraged = (weights: EvaluatedWeights): boolean => weights === 'finalWa' || weights === 'bestWa';

export function runWeightsRoutes(app: Api, { database, artifacts }: ApiContext): void {
  app.get('/v1/runs/:id/weights', {
    handlerTimeout: DOWNLOAD_LIMIT_MS,
    schema: {
      tags: ['runs'],
      summary: 'The trained weights as a safetensors file',
      description:
        "Tensors carry PyTorch's names and layouts. The ETag of `final` and `finalWa` is the run's weightHash and weightHashWa; If-None-Match answers 304.",
      params: idParameters,
      querystring: z.strictObject({
        of: z
          .enum(EVALUATED_WEIGHTS)
          .default('final')
          .describe('the last epoch’s, those of the best epoch, or the averaged ones of either'),
      }),
      headers: z.object({ 'if-none-match': z.string().optional() }),
      response: {
        200: {
          description: 'The file',
          content: { [FILE]: { schema: z.unknown().meta({ type: 'string', format: 'binary' }) } },
        },
        304: z.undefined().describe('The client has it already'),
        ...errorResponses(
          'id_invalid',
          'query_invalid',
          'run_not_found',
          'run_not_succeeded',
          'weights_not_averaged',
          'weights_not_here',
        ),
      },
    },
    handler: async ({ params: { id }, query: { of }, headers }, reply) => {
      const run = await readRun(database, id);
      if (run === undefined) throw new ApiError('run_not_found', { id });
      const { state, attempt } = run;
      if (state !== 'succeeded')
        throw new ApiError(
          'run_not_succeeded',
          { id, state },
          `The run is ${state}; weights are kept when it succeeds.`,
        );
      if (isAveraged(of) && run.weightHashWa === null) throw new ApiError('weights_not_averaged', { id, of });
      const stored = await artifacts.readWeights({ runId: id, attempt }, of);
      if (stored === undefined)
        throw new ApiError('weights_not_here', { id, of, host: hostname(), folder: artifacts.address });
      const hash = hashOf(run, of);
      if (hash !== null) void reply.header('etag', `"${hash}"`);
      if (hash !== null && isKnown(headers['if-none-match'], hash)) return reply.code(304).send();
      return reply
        .header('content-disposition', `attachment; filename="${WEIGHTS_FILES[of].replace('weights', id)}"`)
        .header('content-length', stored.bytes)
        .type(FILE)
        .send(stored.stream());
    },
  });
}

const isKnown = (ifNoneMatch: string | undefined, hash: string): boolean =>
  ifNoneMatch !== undefined &&
  ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${hash}"`);
