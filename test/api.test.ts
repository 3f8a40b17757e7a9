// The REST contract on the real Postgres and Redis: posting, idempotency, dry runs, errors, keys and documentation.
import { claimRun } from '@reseed/database';
import { describe, expect, it } from 'vitest';
import { type Answer, ownApi } from './services/own-api.ts';

const api = await ownApi();
const strict = await ownApi({ RESEED_RUN_LIMIT: 5 });
const grid = (change: Record<string, unknown> = {}) => ({
  name: 'small',
  base: { epochs: 2, dataset: { trainSize: 100, validationSize: 20, testSize: 20 } },
  axes: { augmentation: ['none', 'pad_crop'], seedingMode: ['modern', 'inherited'] },
  exclude: [{ augmentation: 'none', seedingMode: 'inherited' }],
  seeds: { count: 2, master: 7 },
  compare: { factor: 'seedingMode', baseline: 'modern', metric: 'robustAccuracyFinal', margin: 0.01 },
  ...change,
});
const post = (body: unknown, headers: Record<string, string> = {}, query = '') =>
  api.ask('POST', `/v1/experiments${query}`, { body, headers });
const idOf = ({ body }: Answer): string => String(body['id']);
const countExperiments = () => api.database.client.experiment.count();
const nowhere = '01a20bb6-0000-7000-8000-000000000000';

describe('POST /v1/experiments', () => {
  it('answers 202 after the commit: conditions once each, a run per condition and seed, all queued', async () => {
    const before = api.kicks();
    const { status, body } = await post(grid());
    expect({ status, ...body }).toMatchObject({ status: 202, conditions: 3, runs: 6, reused: 0, warnings: [] });
    expect(api.kicks()).toBe(before + 1);
    const { client } = api.database;
    expect(await client.condition.count({ where: { experimentId: String(body['id']) } })).toBe(3);
    expect(
      await client.run.count({ where: { experimentId: String(body['id']), state: 'queued', enqueuedAt: null } }),
    ).toBe(6);
    const view = await api.ask('GET', `/v1/experiments/${String(body['id'])}`);
    expect(view.body).toMatchObject({
      state: 'active',
      runs: 6,
      counts: { queued: 6 },
      etaSeconds: null,
      grid: grid(),
    });
  });

  it('gives the same experiment for the same key and body, whatever the order of its fields', async () => {
    const headers = { 'idempotency-key': 'twice' };
    const first = await post(grid(), headers);
    const { name, ...rest } = grid();
    const second = await post({ ...rest, name }, headers);
    expect(second.status).toBe(202);
    expect(second.body).toEqual(first.body);
    const other = await post(grid({ name: 'another' }), headers);
    expect([other.status, other.body['error']]).toMatchObject([422, { code: 'idempotency_key_reused' }]);
  });

  it('makes one experiment of ten simultaneous posts with one key', async () => {
    const before = await countExperiments();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(grid(), { 'idempotency-key': 'ten' })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 202));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(await countExperiments()).toBe(before + 1);
  });

  it('makes a new experiment each time without a key', async () => {
    const [one, two] = [await post(grid()), await post(grid())];
    expect(one.body['id']).not.toBe(two.body['id']);
  });

  it('stores nothing of a grid with conditions that cannot run, and lists them', async () => {
    const before = await countExperiments();
    const { status, body } = await post(
      grid({ axes: { seedingMode: ['modern', 'single_process'], 'loader.workers': [2] }, exclude: [] }),
    );
    expect(status).toBe(422);
    expect(body['error']).toMatchObject({
      code: 'conditions_invalid',
      details: {
        invalid: [
          { position: 1, levels: { seedingMode: 'single_process' }, issues: [{ field: 'loader.workers', value: 2 }] },
        ],
      },
    });
    expect(await countExperiments()).toBe(before);
  });
});

describe('a server with its own limit of runs', () => {
  it('takes a grid of that many and refuses one more, dry or not, naming the limit', async () => {
    const ask = (seeds: number, query = '') =>
      strict.ask('POST', `/v1/experiments${query}`, {
        body: grid({ axes: { augmentation: ['none'] }, exclude: [], compare: undefined, seeds: { count: seeds } }),
      });
    expect((await ask(5)).status).toBe(202);
    for (const query of ['', '?dryRun=true']) {
      const { status, body } = await ask(6, query);
      expect([status, body['error']]).toMatchObject([
        400,
        { code: 'grid_invalid', message: expect.stringContaining('at most 5 runs') as string },
      ]);
    }
    expect(await strict.database.client.experiment.count()).toBe(1);
  });
});

describe('a dry run', () => {
  it('stores nothing and tells conditions, runs, identical ones, cost and audit', async () => {
    const before = await countExperiments();
    const { status, body } = await post(grid({ exclude: [] }), {}, '?dryRun=true');
    expect(status).toBe(200);
    expect(body).toMatchObject({ conditions: 4, runs: 8, reused: 0, duplicates: [], invalid: [], identical: [[0, 1]] });
    const audit = body['audit'] as {
      conditions: number[];
      seedingMode: string;
      audit: { distinctBlocksPerRun: unknown; duplicatedSharePerEpoch: number };
    }[];
    // 100 samples in 2 batches of 50: workers 0 and 1 of the 4 serve one each.
    expect(
      audit.find(({ seedingMode, conditions }) => seedingMode === 'inherited' && conditions.includes(3))?.audit,
    ).toMatchObject({
      distinctBlocksPerRun: { counted: 50, closedForm: 50 },
      duplicatedSharePerEpoch: 0.5,
    });
    expect((body['estimate'] as { imagePasses: number }).imagePasses).toBeGreaterThan(0);
    expect(await countExperiments()).toBe(before);
  });

  it('lists invalid conditions and warns of neighbouring seeds instead of refusing', async () => {
    const axes = { seedingMode: ['modern', 'const_worker', 'single_process'], 'loader.workers': [2] };
    const base = { ...grid().base, augmentation: 'pad_crop' };
    const { status, body } = await post(
      grid({ base, axes, exclude: [], seeds: [1, 2], compare: undefined }),
      {},
      '?dryRun=true',
    );
    expect(status).toBe(200);
    expect(body['invalid']).toHaveLength(1);
    expect(body['warnings']).toEqual([expect.stringContaining('seedingMode const_worker: seeds that share')]);
    expect(body['audit']).toMatchObject([
      { seedingMode: 'modern', seedCollisions: { pairCount: 0 } },
      { seedingMode: 'const_worker', seedCollisions: { pairCount: 1, pairs: [{ seeds: [1, 2], sharedStreams: 1 }] } },
    ]);
  });

  it('answers 400 for a malformed grid', async () => {
    expect((await post(grid({ seeds: [] }), {}, '?dryRun=true')).status).toBe(400);
  });

  it('does not draw ten million times inside a request', async () => {
    const dataset = { trainSize: 50_000, validationSize: 1000, testSize: 1000 };
    const big = grid({
      base: { dataset, epochs: 200 },
      axes: { augmentation: ['pad_crop'] },
      exclude: [],
      compare: undefined,
    });
    const { status, body } = await post(big, {}, '?dryRun=true');
    expect([status, body['audit']]).toMatchObject([
      200,
      [{ audit: null, summary: expect.stringContaining('10,000,000') as string }],
    ]);
  });
});

describe('errors', () => {
  const cases: [name: string, ask: () => ReturnType<typeof api.ask>, status: number, code: string, text: string][] = [
    ['broken JSON', () => post('{"name":'), 400, 'json_invalid', 'JSON'],
    ['no body', () => api.ask('POST', '/v1/experiments', { body: '' }), 400, 'json_invalid', 'JSON'],
    ['a forbidden key', () => post('{"__proto__":{"a":1}}'), 400, 'json_invalid', 'JSON'],
    ['a body that is a list', () => post([]), 400, 'grid_invalid', 'a grid is an object'],
    ['an unknown field', () => post(grid({ sedes: 1 })), 400, 'grid_invalid', 'did you mean "seeds"'],
    [
      'a value out of range',
      () => post(grid({ base: { epochs: 0 } })),
      400,
      'grid_invalid',
      'base.epochs: must be at least 1, got 0',
    ],
    ['too many runs', () => post(grid({ seeds: { count: 7000 } })), 400, 'grid_invalid', 'at most 20000'],
    ['a name that Postgres cannot store', () => post(grid({ name: 'a\0b' })), 400, 'grid_invalid', 'name'],
    [
      'another content type',
      () => api.ask('POST', '/v1/experiments', { body: 'x', headers: { 'content-type': 'text/plain' } }),
      415,
      'media_type_unsupported',
      'application/json',
    ],
    ['a body of 9 MiB', () => post(`"${'x'.repeat(9 * 2 ** 20)}"`), 413, 'body_too_large', '8 MiB'],
    ['a bad idempotency key', () => post(grid(), { 'idempotency-key': 'a b' }), 400, 'idempotency_key_invalid', '255'],
    [
      'a foreign origin',
      () => post(grid(), { origin: 'http://evil.example', host: 'localhost' }),
      403,
      'origin_refused',
      'foreign',
    ],
    [
      'an unknown query parameter',
      () => api.ask('GET', '/v1/experiments?limt=3'),
      400,
      'query_invalid',
      'did you mean "limit"',
    ],
    ['a limit over its maximum', () => api.ask('GET', '/v1/experiments?limit=201'), 400, 'query_invalid', '200'],
    ['a cursor that is no id', () => api.ask('GET', '/v1/experiments?cursor=1'), 400, 'query_invalid', 'cursor'],
    ['an id that is no UUID', () => api.ask('GET', '/v1/experiments/7'), 400, 'id_invalid', '7'],
    [
      'an experiment that is not there',
      () => api.ask('GET', `/v1/experiments/${nowhere}`),
      404,
      'experiment_not_found',
      'no experiment',
    ],
    ['its runs', () => api.ask('GET', `/v1/experiments/${nowhere}/runs`), 404, 'experiment_not_found', 'no experiment'],
    [
      'its comparison',
      () => api.ask('GET', `/v1/experiments/${nowhere}/comparison`),
      404,
      'experiment_not_found',
      'no experiment',
    ],
    [
      'its audit',
      () => api.ask('GET', `/v1/experiments/${nowhere}/audit`),
      404,
      'experiment_not_found',
      'no experiment',
    ],
    ['a run that is not there', () => api.ask('GET', `/v1/runs/${nowhere}`), 404, 'run_not_found', 'no run'],
    ['its epochs', () => api.ask('GET', `/v1/runs/${nowhere}/epochs`), 404, 'run_not_found', 'no run'],
    ['a route that is not there', () => api.ask('GET', '/v1/experiment'), 404, 'route_not_found', '/v1/experiment'],
    ['a method that is not there', () => api.ask('DELETE', '/v1/experiments'), 404, 'route_not_found', 'DELETE'],
    [
      'a baseline without a factor',
      () => api.ask('GET', `/v1/experiments/${nowhere}/comparison?baseline=modern&metric=x`),
      400,
      'query_invalid',
      'metric',
    ],
  ];

  it.each(cases)('%s', async (_name, ask, status, code, text) => {
    const answer = await ask();
    expect([answer.status, answer.body['error']]).toMatchObject([
      status,
      { code, details: expect.any(Object) as object },
    ]);
    expect(JSON.stringify(answer.body)).toContain(JSON.stringify(text).slice(1, -1));
  });

  it('leave nothing behind', async () => {
    const before = await countExperiments();
    for (const [, ask] of cases) await ask();
    expect(await countExperiments()).toBe(before);
  });
});

describe('reading', () => {
  it('pages through experiments and runs without a gap or a repeat', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.push(idOf(await post(grid({ name: `page-${index}` }))));
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await api.ask('GET', `/v1/experiments?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...(body['items'] as { id: string }[]).map(({ id }) => id));
      cursor = body['nextCursor'] as string | null;
    }
    expect(seen.slice(0, 5)).toEqual(made.toReversed());
    expect(new Set(seen).size).toBe(seen.length);
    const positions: number[] = [];
    for (let cursor: number | null = -1; cursor !== null; ) {
      const { body } = await api.ask(
        'GET',
        `/v1/experiments/${made[0]}/runs?limit=4${cursor < 0 ? '' : `&cursor=${cursor}`}`,
      );
      positions.push(...(body['items'] as { position: number }[]).map(({ position }) => position));
      cursor = body['nextCursor'] as number | null;
    }
    expect(positions).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('shows a claimed run with its condition, attempts and no audit yet', async () => {
    const { body } = await post(grid());
    const { body: page } = await api.ask('GET', `/v1/experiments/${String(body['id'])}/runs`);
    const [{ id }] = page['items'] as [{ id: string }];
    await claimRun(api.database, { runId: id, attempt: 1, workerId: nowhere, leaseSeconds: 60 });
    const run = await api.ask('GET', `/v1/runs/${id.toUpperCase()}`);
    expect(run.body).toMatchObject({ id, state: 'running', attempt: 1, condition: { epochs: 2 }, metrics: null });
    expect((await api.ask('GET', `/v1/runs/${id}/attempts`)).body).toMatchObject({
      items: [{ attempt: 1, outcome: null }],
    });
    expect((await api.ask('GET', `/v1/runs/${id}/audit`)).body).toEqual({
      runId: id,
      summary: null,
      audit: null,
      seedCollisions: { streamsPerSeed: 0, epochsCompared: 0, seedsCompared: 0, pairCount: 0, pairs: [] },
    });
    expect((await api.ask('GET', `/v1/runs/${id}/epochs`)).body).toEqual({ items: [] });
  });

  it('compares before anything has finished: every pair is missing, the verdict undecided', async () => {
    const { body } = await post(grid());
    const { body: comparison } = await api.ask('GET', `/v1/experiments/${String(body['id'])}/comparison`);
    expect(comparison['rows']).toMatchObject([
      { n: 0, verdict: 'undecided', meanDifference: null, missing: { length: 4 } },
    ]);
    const asked = await api.ask(
      'GET',
      `/v1/experiments/${String(body['id'])}/comparison?factor=augmentation&baseline=none`,
    );
    expect(asked.body['rows']).toMatchObject([
      { id: 'requested', role: 'exploratory', level: { name: 'pad_crop', pad: 1 }, baseline: 'none' },
    ]);
    const nearest = await api.ask(
      'GET',
      `/v1/experiments/${String(body['id'])}/comparison?factor=augmentaton&baseline=none`,
    );
    expect(nearest.body['error']).toMatchObject({
      message: expect.stringContaining('did you mean "augmentation"') as string,
    });
  });

  it('serves catalogue, workers, queues and health', async () => {
    const { body } = await api.ask('GET', '/v1/catalogue');
    expect((body['axes'] as { name: string }[]).map(({ name }) => name)).toContain('attack.epsilon');
    expect((await api.ask('GET', '/v1/workers')).body).toEqual({ items: [] });
    expect((await api.ask('GET', '/v1/queues')).body).toMatchObject({
      queues: [{ name: 'reseed-cpu' }, { name: 'reseed-gpu' }],
    });
    expect((await api.ask('GET', '/healthz')).body).toEqual({ status: 'ok' });
    expect((await api.ask('GET', '/readyz')).body).toEqual({ postgres: 'ok', redis: 'ok' });
    expect((await api.ask('GET', '/')).headers['location']).toBe('/docs');
  });
});
