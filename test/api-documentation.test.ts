// What the API says about itself, and who may ask: the OpenAPI document, the pages, the key and the queue dashboard.
import { ERROR_CODES } from '@reseed/api';
import { describe, expect, it } from 'vitest';
import { ownApi } from './services/own-api.ts';

const open = await ownApi();
const closed = await ownApi({ RESEED_API_KEY: 'sesame' });

interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly description: string };
  readonly security?: unknown;
  readonly paths: Record<string, Record<string, { summary?: string; responses: Record<string, unknown> }>>;
}

describe('the OpenAPI document', () => {
  it('is version 3.1 and describes every route with a summary and its answers', async () => {
    const { body } = await open.ask('GET', '/docs/json');
    const document = body as unknown as OpenApi;
    expect(document.openapi).toBe('3.1.0');
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ route: `${method} ${path}`, ...operation })),
    );
    expect(routes.map(({ route }) => route).sort()).toEqual([
      'get /healthz',
      'get /readyz',
      'get /v1/catalogue',
      'get /v1/experiments',
      'get /v1/experiments/{id}',
      'get /v1/experiments/{id}/audit',
      'get /v1/experiments/{id}/comparison',
      'get /v1/experiments/{id}/evaluations',
      'get /v1/experiments/{id}/runs',
      'get /v1/queues',
      'get /v1/runs/{id}',
      'get /v1/runs/{id}/attempts',
      'get /v1/runs/{id}/audit',
      'get /v1/runs/{id}/epochs',
      'get /v1/runs/{id}/evaluations',
      'get /v1/runs/{id}/evaluations/correct',
      'get /v1/runs/{id}/gates',
      'get /v1/runs/{id}/weights',
      'get /v1/workers',
      'post /v1/audits',
      'post /v1/experiments',
    ]);
    for (const { route, summary, responses } of routes) {
      expect(summary, route).toBeTruthy();
      expect(
        Object.keys(responses).some((status) => status.startsWith('2')),
        route,
      ).toBe(true);
    }
  });

  it('explains every code of the error catalogue', async () => {
    const { body } = await open.ask('GET', '/docs/json');
    const { description } = (body as unknown as OpenApi).info;
    for (const code of ERROR_CODES) expect(description).toContain(`| \`${code}\` |`);
  });

  it('names the key only where one is needed', async () => {
    const headers = { authorization: 'Bearer sesame' };
    expect((await open.ask('GET', '/docs/json')).body).not.toHaveProperty('security');
    expect((await closed.ask('GET', '/docs/json', { headers })).body).toHaveProperty('security');
  });
});

describe('a server with a key', () => {
  const places = [
    '/v1/experiments',
    '/v1/catalogue',
    '/docs',
    '/docs/json',
    '/queues',
    '/queues/api/queues',
    '/readyz',
    '/nowhere',
    '/',
  ];

  it.each(places)('refuses %s without it, or with a wrong one', async (url) => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { 'x-api-key': '' }, { authorization: 'sesame' }]) {
      const { status, body } = await closed.ask('GET', url, { headers: headers as Record<string, string> });
      expect([status, body['error']]).toMatchObject([401, { code: 'unauthorized' }]);
    }
  });

  it.each([{ authorization: 'Bearer sesame' }, { 'x-api-key': 'sesame' }])('takes it as %o', async (headers) => {
    expect((await closed.ask('GET', '/v1/experiments', { headers: headers as Record<string, string> })).status).toBe(
      200,
    );
  });

  it('shows that it lives to anybody', async () => {
    expect((await closed.ask('GET', '/healthz')).status).toBe(200);
  });
});

describe('the queue dashboard', () => {
  it('shows both queues', async () => {
    const { status, body } = await open.ask('GET', '/queues/api/queues');
    expect(status).toBe(200);
    expect(
      (body['queues'] as { name: string; readOnlyMode: boolean }[]).map(({ name, readOnlyMode }) => [
        name,
        readOnlyMode,
      ]),
    ).toEqual([
      ['reseed-cpu', true],
      ['reseed-gpu', true],
    ]);
  });

  it('lets nobody without a key change a queue', async () => {
    const { status } = await open.ask('PUT', '/queues/api/queues/reseed-cpu/pause');
    expect(status).toBeGreaterThanOrEqual(400);
    expect(await open.queues.queues[0].isPaused()).toBe(false);
  });

  it('refuses a page of another site even with the key', async () => {
    const headers = { 'x-api-key': 'sesame', origin: 'http://evil.example', host: 'localhost' };
    const { status, body } = await closed.ask('PUT', '/queues/api/queues/reseed-cpu/pause', { headers });
    expect([status, body['error']]).toMatchObject([403, { code: 'origin_refused' }]);
    expect(await closed.queues.queues[0].isPaused()).toBe(false);
  });
});
