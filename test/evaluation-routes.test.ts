// Final evaluations and gates over REST, from a posted grid to its comparison, on the real Postgres and Redis.
import { acceptResult } from '@reseed/database';
import type { RunResult } from '@reseed/experiment';
import { wilsonInterval } from '@reseed/statistics';
import { describe, expect, it } from 'vitest';
import { ownApi } from './services/own-api.ts';
import { bitsOf, failedGates, sampleEvaluation, sampleEvaluations, sampleGate } from './services/sample-evaluations.ts';
import { claimNext, sampleResult, storeWorker } from './services/sample-experiment.ts';

const api = await ownApi();
const get = (url: string) => api.ask('GET', `/v1/${url}`);
const SEEDS = [11, 22, 33, 44, 55];
const NOISE = [0.001, 0.004, 0.002, 0.003, 0];

interface Item {
  readonly id: string;
  readonly seed: number;
  readonly levels: { readonly seedingMode: string };
  readonly stopped: unknown;
  readonly gatesFailed: number | null;
}

/** Posts a grid whose level is clearly better, and delivers what `deliver` makes of each run; undefined: it stays queued. */
async function study(deliver: (side: string, seed: number, result: RunResult) => RunResult | undefined) {
  const grid = {
    name: 'study',
    base: { epochs: 2, dataset: { trainSize: 100, validationSize: 20, testSize: 20 } },
    axes: { seedingMode: ['modern', 'inherited'] },
    seeds: SEEDS,
    compare: { factor: 'seedingMode', baseline: 'modern', metric: 'robustAccuracyFinal', margin: 0.01 },
  };
  const { body } = await api.ask('POST', '/v1/experiments', { body: grid });
  const id = String(body['id']);
  const runs = (await get(`experiments/${id}/runs`)).body['items'] as Item[];
  const workerId = await storeWorker(api.database);
  for (const { id: runId, seed, levels } of runs) {
    const { seedingMode } = levels;
    const robust = seedingMode === 'modern' ? 0.5 : 0.55 + NOISE[SEEDS.indexOf(seed)];
    const result = deliver(seedingMode, seed, sampleResult(robust));
    if (result === undefined) continue;
    await claimNext(api.database, { runId, attempt: 1, workerId });
    await acceptResult(api.database, { runId, attempt: 1, result });
  }
  const runOf = (side: string, seed: number) =>
    runs.find((run) => run.seed === seed && run.levels.seedingMode === side)?.id ?? expect.fail('no such run');
  return { id, runOf };
}

const rowOf = async (id: string, query = '') => {
  const { status, body } = await get(`experiments/${id}/comparison${query}`);
  expect(status).toBe(200);
  const [row] = body['rows'] as Record<string, unknown>[];
  return row;
};

const stopped = { epoch: 1, reason: 'no_improvement' } as const;
const clear = await study((_side, _seed, result) => ({ ...result, gates: [sampleGate()] }));
const doubtful = await study((side, seed, result) => {
  if (side === 'modern' && seed === 55) return undefined;
  const evaluations =
    side === 'modern' ? [sampleEvaluation({ images: 16, wrong: [seed === 11 ? 1 : 2] })] : sampleEvaluations(16);
  const gates = side === 'inherited' && seed < 30 ? failedGates : seed === 33 ? [sampleGate()] : [];
  return { ...result, evaluations, gates, ...(side === 'inherited' && seed === 44 ? { stopped } : {}) };
});
const run = doubtful.runOf('inherited', 22);
const queued = doubtful.runOf('modern', 55);

describe('the evaluations of a run', () => {
  it('come in the order of its result, with the binomial error of each', async () => {
    const { status, body } = await get(`runs/${run}/evaluations`);
    expect(status).toBe(200);
    expect(body['items']).toEqual(
      sampleEvaluations(16).map(({ correct: _, ...evaluation }) => ({
        ...evaluation,
        wilson95: wilsonInterval(Math.round(16 * evaluation.accuracy), 16),
      })),
    );
    expect((await get(`runs/${queued}/evaluations`)).body).toEqual({ items: [] });
  });

  it.each([
    ['weights=final&attack=tracking', null, [0, 5, 15]],
    ['weights=final&attack=autoattack', null, [0, 5, 7, 8, 9]],
    ['weights=final&attack=autoattack&stage=', null, [0, 5, 7, 8, 9]],
    ['weights=final&attack=autoattack&stage=apgd-ce', 'apgd-ce', [0, 5, 7]],
    ['weights=bestWa&attack=tracking', null, [2]],
  ])('are known image by image: %s', async (query, stage, wrong) => {
    const { status, body } = await get(`runs/${run}/evaluations/correct?${query}`);
    const asked = new URLSearchParams(query);
    const named = { weights: asked.get('weights'), attack: asked.get('attack'), stage };
    expect([status, body]).toMatchObject([200, { ...named, images: 16 }]);
    const bits = new Uint8Array(Buffer.from(String(body['correct']), 'base64'));
    expect(bits).toEqual(bitsOf(16, (image) => !wrong.includes(image)));
  });

  it.each([
    [`runs/${run}/evaluations/correct?weights=best&attack=tracking`, 404, 'evaluation_not_found', 'tracking'],
    [`runs/${run}/evaluations/correct?weights=final&attack=clean&stage=x`, 404, 'evaluation_not_found', '"stage":"x"'],
    [`runs/${queued}/evaluations/correct?weights=final&attack=clean`, 404, 'evaluation_not_found', 'clean'],
    [`runs/${run}/evaluations/correct?attack=clean`, 400, 'query_invalid', 'weights'],
    [`runs/${run}/evaluations/correct?weights=final`, 400, 'query_invalid', 'attack'],
    [`runs/${run}/evaluations/correct?weights=last&attack=clean`, 400, 'query_invalid', 'last'],
    [`runs/${run}/evaluations?weights=final`, 400, 'query_invalid', 'weights'],
    [`runs/${run}/gates?attack=x`, 400, 'query_invalid', 'attack'],
    [`runs/${clear.id}/evaluations`, 404, 'run_not_found', clear.id],
    [`runs/${clear.id}/evaluations/correct?weights=final&attack=clean`, 404, 'run_not_found', clear.id],
    [`runs/${clear.id}/gates`, 404, 'run_not_found', clear.id],
    [`experiments/${run}/evaluations`, 404, 'experiment_not_found', run],
    [`experiments/${clear.id}/evaluations?weights=last`, 400, 'query_invalid', 'last'],
    [`experiments/${clear.id}/runs?gates=broken`, 400, 'query_invalid', 'broken'],
  ] as const)('are asked for exactly: case %#', async (url, status, code, says) => {
    const answer = await get(url);
    expect([answer.status, answer.body['error']]).toMatchObject([status, { code }]);
    expect(JSON.stringify(answer.body)).toContain(says);
  });
});

describe('the gates of a run', () => {
  it('are listed with what was measured', async () => {
    expect((await get(`runs/${run}/gates`)).body).toEqual({ items: failedGates });
    expect((await get(`runs/${queued}/gates`)).body).toEqual({ items: [] });
  });

  it('are answered as null where JSON has no such number', async () => {
    const gates = [sampleGate({ passed: false, measured: Number.NaN })];
    const one = await study((side, seed, result) =>
      side === 'modern' && seed === 11 ? { ...result, gates } : undefined,
    );
    const { status, body } = await get(`runs/${one.runOf('modern', 11)}/gates`);
    expect([status, body['items']]).toEqual([200, [{ ...gates[0], measured: null }]]);
  });

  it('and an early stop are told with the run', async () => {
    expect((await get(`runs/${run}`)).body).toMatchObject({ gatesFailed: 1, stopped: null });
    expect((await get(`runs/${queued}`)).body).toMatchObject({ gatesFailed: null, stopped: null });
    expect((await get(`runs/${doubtful.runOf('inherited', 44)}`)).body).toMatchObject({ gatesFailed: null, stopped });
    expect((await get(`experiments/${doubtful.id}`)).body).toMatchObject({ gatesFailed: 2, stopped: 1 });
    expect((await get(`experiments/${clear.id}`)).body).toMatchObject({ gatesFailed: 0, stopped: 0 });
  });

  it('choose among the runs of an experiment', async () => {
    const found = async (query: string) => {
      const items = (await get(`experiments/${doubtful.id}/runs?${query}`)).body['items'] as Item[];
      return items.map(({ seed, levels, gatesFailed }) => [levels.seedingMode, seed, gatesFailed]);
    };
    expect(await found('gates=failed')).toEqual([
      ['inherited', 11, 1],
      ['inherited', 22, 1],
    ]);
    expect(await found('gates=passed')).toEqual([
      ['modern', 33, 0],
      ['inherited', 33, 0],
    ]);
    expect(await found('gates=unmeasured&state=queued')).toEqual([['modern', 55, null]]);
    expect((await found('gates=unmeasured')).length).toBe(6);
  });
});

describe('the evaluations of an experiment', () => {
  it('are means over the seeds, with how many there are and will be', async () => {
    const { body } = await get(`experiments/${doubtful.id}/evaluations?attack=tracking&weights=final`);
    const whole = { weights: 'final', attack: 'tracking', stage: null, images: 16 };
    expect(body).toMatchObject({
      nextCursor: null,
      items: [
        { position: 0, label: 'modern', levels: { seedingMode: 'modern' }, expected: 5 },
        { position: 1, label: 'inherited', expected: 5 },
      ],
    });
    const [modern, inherited] = body['items'] as { evaluations: unknown }[];
    expect(modern.evaluations).toEqual([{ ...whole, n: 4, mean: 15 / 16, sd: 0 }]);
    expect(inherited.evaluations).toEqual([{ ...whole, n: 5, mean: 13 / 16, sd: 0 }]);
  });

  it('come in pages of conditions and by stage', async () => {
    const first = await get(`experiments/${doubtful.id}/evaluations?limit=1&stage=apgd-ce`);
    expect(first.body).toMatchObject({ nextCursor: 0, items: [{ position: 0, evaluations: [] }] });
    const second = await get(`experiments/${doubtful.id}/evaluations?limit=1&cursor=0&stage=apgd-ce`);
    expect(second.body).toMatchObject({
      nextCursor: null,
      items: [{ position: 1, evaluations: [{ stage: 'apgd-ce' }] }],
    });
    const whole = await get(`experiments/${doubtful.id}/evaluations?attack=autoattack&stage=`);
    expect(whole.body['items']).toMatchObject([{ evaluations: [] }, { evaluations: [{ stage: null, mean: 11 / 16 }] }]);
  });
});

describe('a comparison', () => {
  it('has its verdict when every gate passed', async () => {
    expect(await rowOf(clear.id)).toMatchObject({
      n: 5,
      verdict: 'better',
      withheld: false,
      reason: null,
      gatesFailed: [],
      stopped: { level: 0, baseline: 0 },
      warnings: [],
    });
  });

  it('keeps it back when a gate failed in a run of a pair, and keeps its numbers', async () => {
    const numbers = ['n', 'meanDifference', 'ci95', 'ci90', 'pPairedT', 'pHolm', 'pTost', 'pSignFlip'];
    const same = await study((side, seed, result) => (side === 'modern' && seed === 55 ? undefined : result));
    const [passed, failed] = [await rowOf(same.id), await rowOf(doubtful.id)];
    for (const name of numbers) expect(failed[name], name).toEqual(passed[name]);
    expect(passed).toMatchObject({ n: 4, verdict: 'better' });
    expect(failed).toMatchObject({ verdict: 'undecided', withheld: true, stopped: { level: 1, baseline: 0 } });
    expect(failed['gatesFailed']).toEqual(
      [11, 22].map((seed) => ({ runId: doubtful.runOf('inherited', seed), gates: ['square-no-stronger'] })),
    );
    expect(failed['reason']).toBe(
      'gates against masked gradients failed in 2 of 8 runs (square-no-stronger in 2), so what looks robust may only ' +
        'have met attacks that were too weak; missing: the baseline at seed 55',
    );
    expect(failed['warnings']).toEqual([expect.stringContaining('in 1 pair only one side did')]);
    expect(failed['missing']).toMatchObject([{ seed: 55, side: 'baseline', reason: 'the run is queued' }]);
    const asked = await rowOf(doubtful.id, '?factor=seedingMode&baseline=modern&metric=cleanAccuracy');
    expect(asked).toMatchObject({ verdict: 'better', withheld: false, gatesFailed: { length: 2 } });
  });

  it('asked for a metric that the runs lack lists them with the reason', async () => {
    const row = await rowOf(clear.id, '?factor=seedingMode&baseline=modern&metric=robustAccuracyFinalWa');
    expect(row).toMatchObject({ n: 0, verdict: 'undecided', meanDifference: null, missing: { length: 10 } });
    expect(row['missing']).toMatchObject(
      Array.from({ length: 10 }, () => ({
        state: 'succeeded',
        failure: null,
        reason: 'the run reports no robustAccuracyFinalWa',
      })),
    );
  });
});
