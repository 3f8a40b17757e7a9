// Turns whatever a request throws into one answer of the error catalogue.
import { GridError } from '@reseed/experiment';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.ts';
import { type ErrorCode } from './error-catalogue.ts';
import { isServiceLoss } from './service-loss.ts';

/** What Fastify throws before a handler runs, by its code. */
const FRAMEWORK_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'json_invalid',
  FST_ERR_CTP_INVALID_JSON_BODY: 'json_invalid',
  FST_ERR_HANDLER_TIMEOUT: 'service_unavailable',
};

/** @returns the error of the catalogue that describes `error` */
export function toApiError(error: unknown, requestId: string): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof GridError) return new ApiError('grid_invalid', { issues: error.issues }, error.message);
  if (isServiceLoss(error)) return new ApiError('service_unavailable');
  const { code, statusCode, message } = Object(error) as { code?: string; statusCode?: number; message?: string };
  const known = code === undefined ? undefined : FRAMEWORK_CODES[code];
  if (known !== undefined) return new ApiError(known);
  if (error instanceof SyntaxError && statusCode === 400)
    return new ApiError('json_invalid', { reason: error.message });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ApiError('request_invalid', {}, message);
  return new ApiError('internal_error', { requestId });
}

function logError(request: FastifyRequest, answer: ApiError, error: unknown): void {
  if (answer.code === 'internal_error') request.log.error({ err: error }, 'Request failed');
  else if (answer.code === 'service_unavailable') request.log.warn({ err: error }, 'A service does not answer');
}

/** Every error, unknown route and malformed request of `app` is answered from the catalogue. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = toApiError(error, request.id);
    logError(request, answer, error);
    return reply.code(answer.status).send(answer.body);
  });
  app.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const answer = new ApiError('route_not_found', { method, url }, `There is no route ${method} ${url}.`);
    return reply.code(answer.status).send(answer.body);
  });
}
