// GET /v1/runs/:id/weights: the accepted attempt's file as it is, and why there is none where there is none.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { acceptResult, type Database, recordFailure } from '@reseed/database';
import type { EvaluatedWeights } from '@reseed/experiment';
import { describe, expect, it } from 'vitest';
import { ownApi } from './services/own-api.ts';
import { holdRun, sampleFailure, sampleResult, storeSample, storeWorker } from './services/sample-experiment.ts';

const api = await ownApi();
const closed = await ownApi({ RESEED_API_KEY: 'sesame' });
const workerId = await storeWorker(api.database);
const hash = sampleResult().weightHash;
const hashWa = createHash('sha256').update('averaged').digest('hex');

async function succeed(database: Database, given: { attempt?: number; averaged?: true } = {}): Promise<string> {
  const held = await holdRun(database, workerId, { attempt: given.attempt ?? 1 });
  const averaged = given.averaged ? { weightHashWa: hashWa, bestEpochWa: 1 } : {};
  await acceptResult(database, { ...held, result: { ...sampleResult(), ...averaged } });
  return held.runId;
}
const write = (runId: string, attempt: number, weights: EvaluatedWeights, text: string) =>
  api.artifacts.writeWeights({ runId, attempt }, weights, new TextEncoder().encode(text));
const ask = (runId: string, query = '', headers: Record<string, string> = {}) =>
  api.ask('GET', `/v1/runs/${runId}/weights${query}`, { headers });

describe('the weights of a run', () => {
  it('are those of the attempt that was accepted, each under its name, the final ones unless told otherwise', async () => {
    const id = await succeed(api.database, { attempt: 2, averaged: true });
    for (const of of ['final', 'best', 'finalWa', 'bestWa'] as const) {
      await write(id, 1, of, `stale ${of}`);
      await write(id, 2, of, `accepted ${of}`);
    }
    expect((await ask(id)).body).toEqual({ text: 'accepted final' });
    const answers = await Promise.all(['final', 'best', 'finalWa', 'bestWa'].map((of) => ask(id, `?of=${of}`)));
    expect(
      answers.map(({ status, body, headers }) => [
        status,
        body['text'],
        headers['content-disposition'],
        headers['etag'],
      ]),
    ).toEqual([
      [200, 'accepted final', `attachment; filename="${id}.safetensors"`, `"${hash}"`],
      [200, 'accepted best', `attachment; filename="${id}-best.safetensors"`, undefined],
      [200, 'accepted finalWa', `attachment; filename="${id}-wa.safetensors"`, `"${hashWa}"`],
      [200, 'accepted bestWa', `attachment; filename="${id}-best-wa.safetensors"`, undefined],
    ]);
    expect(answers[0].headers).toMatchObject({ 'content-type': 'application/octet-stream', 'content-length': '14' });
  });

  it('are not sent again to whoever has them', async () => {
    const id = await succeed(api.database);
    await write(id, 1, 'final', 'weights');
    for (const tag of [`"${hash}"`, `W/"${hash}"`, `"other", "${hash}"`, '*']) {
      const { status, body, headers } = await ask(id, '', { 'if-none-match': tag });
      expect([tag, status, body, headers['etag']]).toEqual([tag, 304, { text: '' }, `"${hash}"`]);
    }
    expect((await ask(id, '', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('come in pieces: a reader that leaves costs the server neither the file in memory nor its life', async () => {
    const id = await succeed(api.database);
    const size = 64 * 2 ** 20;
    await api.artifacts.writeWeights({ runId: id, attempt: 1 }, 'final', new Uint8Array(size));
    const before = process.memoryUsage().arrayBuffers;
    const url = await api.listen();
    // Not fetch, which opens a connection for nothing after an abort, and the server then waits for it when it closes.
    const request = get(`${url}/v1/runs/${id}/weights`, { agent: false });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(answer.headers['content-length']).toBe(String(size));
    const [piece] = (await once(answer, 'data')) as [Buffer];
    expect(piece.length).toBeGreaterThan(0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(size / 4);
    request.destroy();
    const whole = await fetch(`${url}/v1/runs/${id}/weights`);
    let received = 0;
    for await (const part of whole.body ?? []) received += (part as Uint8Array).length;
    expect(received).toBe(size);
  });
});

describe('without weights', () => {
  const codeOf = async (asked: ReturnType<typeof ask>) => {
    const { status, body } = await asked;
    return [status, body['error']];
  };

  it('a run says that it has not succeeded, and where it stands', async () => {
    const [queued] = (await storeSample(api.database)).runIds;
    const running = await holdRun(api.database, workerId);
    await write(running.runId, 1, 'final', 'too early');
    const failed = await holdRun(api.database, workerId);
    await recordFailure(api.database, { ...failed, failure: sampleFailure('diverged') });
    for (const [id, state] of [
      [queued, 'queued'],
      [running.runId, 'running'],
      [failed.runId, 'failed'],
    ])
      expect(await codeOf(ask(id))).toMatchObject([404, { code: 'run_not_succeeded', details: { id, state } }]);
  });

  it('a run without averaging says that it keeps none', async () => {
    const id = await succeed(api.database);
    for (const of of ['finalWa', 'bestWa'])
      expect(await codeOf(ask(id, `?of=${of}`))).toMatchObject([
        404,
        { code: 'weights_not_averaged', details: { of } },
      ]);
  });

  it('a host says that the file is not on it, and where it has looked', async () => {
    const id = await succeed(api.database);
    expect(await codeOf(ask(id, '?of=best'))).toMatchObject([
      404,
      { code: 'weights_not_here', details: { of: 'best', folder: api.artifacts.address } },
    ]);
  });

  it('unknown ids, ids that are none, and unknown parameters are answered as everywhere', async () => {
    const nowhere = '01a20bb6-0000-7000-8000-000000000000';
    expect(await codeOf(ask(nowhere))).toMatchObject([404, { code: 'run_not_found' }]);
    for (const id of ['..%2F..%2Fetc%2Fpasswd', `${nowhere}%2F..`, 'x'])
      expect(await codeOf(ask(id))).toMatchObject([400, { code: 'id_invalid' }]);
    for (const query of ['?of=..%2Ffinal', '?of=last', '?attempt=1'])
      expect(await codeOf(ask(nowhere, query))).toMatchObject([400, { code: 'query_invalid' }]);
  });

  it('a server with a key gives nothing without it', async () => {
    expect((await closed.ask('GET', `/v1/runs/${await succeed(closed.database)}/weights`)).status).toBe(401);
  });
});
