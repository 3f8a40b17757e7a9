// Audits over REST: traces of somebody's own code, and the seeds of an experiment that share streams.
import { describe, expect, it } from 'vitest';
import { ownApi } from './services/own-api.ts';

const api = await ownApi();
const post = (body: string, type = 'application/x-ndjson') =>
  api.ask('POST', '/v1/audits', { body, headers: { 'content-type': type } });

/** 2 workers × 3 epochs × 40 samples; `word` says what each draws. */
const trace = (word: (epoch: number, worker: number, position: number) => number): string =>
  Array.from({ length: 3 }, (_, epoch) =>
    Array.from({ length: 80 }, (__, i) => {
      const [worker, position] = [Math.floor(i / 4) % 2, 4 * Math.floor(i / 8) + (i % 4)];
      const index = (i * 37 + epoch * 11) % 80;
      return JSON.stringify({ epoch, worker, index, draws: [word(epoch, worker, position)] });
    }).join('\n'),
  ).join('\n');
const mixed = (...numbers: number[]): number =>
  numbers.reduce((hash, number) => Math.imul(hash ^ (number + 0x9e37), 0x01000193) ^ (hash >>> 13), 0x811c9dc5) >>> 0;

describe('POST /v1/audits', () => {
  it('answers a defect and a clean trace alike with 200, the variants and the measures', async () => {
    const shared = await post(trace((epoch, _, position) => mixed(epoch, position)));
    expect(shared.status).toBe(200);
    expect(shared.body).toMatchObject({
      lines: 240,
      verdict: 'defect',
      variants: [{ variant: 1, name: 'shared_state_across_workers' }],
      runs: [{ epochs: 3, workers: [0, 1], draws: 240, distinctBlocksPerRun: 120, duplicatedSharePerEpoch: 0.5 }],
    });
    const clean = await post(trace((epoch, worker, position) => mixed(epoch, worker, position)));
    expect([clean.status, clean.body]).toMatchObject([200, { verdict: 'clean', variants: [], explanations: [] }]);
  });

  it.each(['application/ndjson', 'application/jsonl'])('takes %s too', async (type) => {
    expect((await post('{"epoch":0,"worker":-1,"index":0,"digest":"a"}', type)).status).toBe(200);
  });

  it('names the line, the field, the value and the limit of a bad line', async () => {
    const { status, body } = await post(
      '{"epoch":0,"worker":0,"index":0,"draws":[1]}\n{"epoch":0,"worker":-2,"index":0}',
    );
    expect([status, body]).toMatchObject([
      400,
      {
        error: {
          code: 'trace_invalid',
          message: expect.stringContaining('line 2, worker: found -2') as string,
          details: { line: 2, field: 'worker', value: '-2', allowed: 'a whole number from -1 to 2147483647' },
        },
      },
    ]);
  });

  it.each([
    ['an empty body', '', 'application/x-ndjson', 400, 'trace_invalid'],
    ['JSON', '{}', 'application/json', 415, 'media_type_unsupported'],
    ['text', 'a', 'text/plain', 415, 'media_type_unsupported'],
  ])('refuses %s', async (_, body, type, status, code) => {
    expect(await post(body, type)).toMatchObject({ status, body: { error: { code } } });
  });

  it('takes no trace for a grid', async () => {
    const headers = { 'content-type': 'application/x-ndjson' };
    expect((await api.ask('POST', '/v1/experiments', { body: '{}', headers })).status).toBe(415);
  });

  it('reads a trace of more than a body may hold elsewhere', async () => {
    const long = trace((epoch, worker, position) => mixed(epoch, worker, position));
    const padded = long.split('\n').map((line) => line + ' '.repeat(40_000));
    const { status, body } = await post(padded.join('\n'));
    expect([status, body]).toMatchObject([200, { lines: 240, verdict: 'clean' }]);
  });
});

describe('seeds that share streams', () => {
  it('are stored with the condition and served with the audits of experiment and run', async () => {
    const grid = {
      name: 'neighbours',
      base: { epochs: 2, dataset: { trainSize: 100, validationSize: 20, testSize: 20 }, augmentation: 'pad_crop' },
      axes: { seedingMode: ['modern', 'const_worker'], 'loader.workers': [2] },
      seeds: [1, 2],
    };
    const posted = await api.ask('POST', '/v1/experiments', { body: grid });
    expect(posted.body['warnings']).toEqual([expect.stringContaining('const_worker: seeds that share') as string]);
    const path = `/v1/experiments/${String(posted.body['id'])}`;
    const pairs = [
      {
        seeds: [1, 2],
        sharedStreams: 1,
        places: [
          { epoch: 0, worker: 1 },
          { epoch: 0, worker: 0 },
        ],
      },
    ];
    const audit = await api.ask('GET', `${path}/audit`);
    expect(audit.body['conditions']).toMatchObject([
      { seedCollisions: { pairCount: 0, pairs: [] }, summary: null, runs: [{ seed: 1, audit: null }, { seed: 2 }] },
      { seedCollisions: { pairCount: 1, pairs, streamsPerSeed: 2, epochsCompared: 2 } },
    ]);
    const { body } = await api.ask('GET', `${path}/runs`);
    const run = (body['items'] as { id: string; levels: { seedingMode: string } }[]).find(
      ({ levels }) => levels.seedingMode === 'const_worker',
    );
    expect((await api.ask('GET', `/v1/runs/${run?.id}/audit`)).body).toMatchObject({ seedCollisions: { pairs } });
  });
});
