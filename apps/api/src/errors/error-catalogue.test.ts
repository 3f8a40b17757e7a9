import { describe, expect, it } from 'vitest';
import { ApiError } from './api-error.ts';
import { ERROR_CATALOGUE, ERROR_CODES } from './error-catalogue.ts';
import { toApiError } from './answer-errors.ts';

describe('the error catalogue', () => {
  it.each(ERROR_CODES)('%s has a client or server status, a sentence and a meaning', (code) => {
    const { status, message, meaning } = ERROR_CATALOGUE[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(meaning).toMatch(/\.$/);
    expect(meaning).not.toBe(message);
  });

  it('never tells what an unexpected error says, only where to find it', () => {
    const answer = toApiError(new Error('password=hunter2'), 'req-7');
    expect(answer.code).toBe('internal_error');
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    expect(answer.details).toEqual({ requestId: 'req-7' });
  });

  it.each([
    ['FST_ERR_CTP_BODY_TOO_LARGE', 'body_too_large'],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'media_type_unsupported'],
    ['FST_ERR_CTP_EMPTY_JSON_BODY', 'json_invalid'],
    ['FST_ERR_HANDLER_TIMEOUT', 'service_unavailable'],
    ['ECONNREFUSED', 'service_unavailable'],
  ])('reads %s as %s', (code, expected) => {
    expect(toApiError(Object.assign(new Error('x'), { code }), 'r').code).toBe(expected);
  });

  it('keeps its own errors as they are', () => {
    const error = new ApiError('run_not_found', { id: 'x' });
    expect(toApiError(error, 'r')).toBe(error);
  });
});
