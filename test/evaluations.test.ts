// Final evaluations and gates on the real Postgres: in with their result or not at all, and out as they came.
import {
  acceptResult,
  comparisonData,
  CorruptResultError,
  type Database,
  experimentProgress,
  type GateFinding,
  listConditionEvaluations,
  listRuns,
  readAttempts,
  readCorrectBits,
  readEvaluations,
  readExperiment,
  readGates,
  readRun,
} from '@reseed/database';
import { type FinalEvaluation, MAX_FAILED_ATTEMPTS, type RunResult } from '@reseed/experiment';
import { beforeAll, describe, expect, it } from 'vitest';
import { ownDatabase } from './services/own-services.ts';
import { bitsOf, failedGates, sampleEvaluation, sampleEvaluations, sampleGate } from './services/sample-evaluations.ts';
import { claimNext, holdRun, recordOf, sampleResult, storeSample, storeWorker } from './services/sample-experiment.ts';

let database: Database;
let workerId: string;

beforeAll(async () => {
  database = await ownDatabase();
  workerId = await storeWorker(database);
});

const heldRun = (attempt = 1) => holdRun(database, workerId, { attempt });
const evaluated = (given: Partial<RunResult> = {}): RunResult => ({
  ...sampleResult(),
  evaluations: sampleEvaluations(),
  gates: failedGates,
  ...given,
});

/** All that the database has of the evaluations of a run, as the trainer handed them in. */
async function storedEvaluations(runId: string): Promise<FinalEvaluation[]> {
  const found = await readEvaluations(database, runId);
  return Promise.all(
    found.map(async (evaluation) => {
      const bits = await readCorrectBits(database, runId, evaluation);
      return { ...evaluation, correct: new Uint8Array(bits?.correct ?? []) };
    }),
  );
}

describe('an accepted result', () => {
  it.each([13, 16, 1000, 10_000])(
    'keeps every evaluation on %i images, bit for bit and in its order',
    async (images) => {
      const id = await heldRun(2);
      const evaluations = sampleEvaluations(images);
      expect(await acceptResult(database, { ...id, result: evaluated({ evaluations }) })).toMatchObject(id);
      expect(await storedEvaluations(id.runId)).toEqual(evaluations);
      expect((await recordOf(database, id.runId)).evaluations).toMatchObject(evaluations.map(() => ({ attempt: 2 })));
    },
  );

  it('keeps a view of a larger buffer, and nothing of what surrounds it', async () => {
    const id = await heldRun();
    const surrounded = new Uint8Array(64).fill(0xff);
    surrounded.set(
      bitsOf(20, (image) => image % 2 === 0),
      5,
    );
    const correct = surrounded.subarray(5, 8);
    await acceptResult(database, {
      ...id,
      result: evaluated({ evaluations: [sampleEvaluation({ images: 20, accuracy: 0.5, correct })] }),
    });
    expect((await storedEvaluations(id.runId))[0].correct).toEqual(Uint8Array.from([0x55, 0x55, 0x05]));
  });

  it('keeps gates, whatever they measured, and why it ended early', async () => {
    const id = await heldRun();
    const gates = [
      ...failedGates,
      sampleGate({ weights: 'best', passed: false, measured: Number.NaN }),
      sampleGate({ gate: 'loss-rises', measured: Number.NEGATIVE_INFINITY }),
    ];
    const stopped = { epoch: 2, reason: 'catastrophic_overfitting' } as const;
    await acceptResult(database, { ...id, result: evaluated({ gates, stopped }) });
    const named = (gate: { weights: string; gate: string }) => `${gate.weights} ${gate.gate}`;
    const byName = gates.toSorted((a, b) => (named(a) < named(b) ? -1 : 1));
    expect(await readGates(database, id.runId)).toEqual(byName);
    expect(await readRun(database, id.runId)).toMatchObject({ stopped, gatesFailed: 2 });
  });

  it('may have none of all that: then no gate was measured, which is not the same as none failed', async () => {
    const [none, passed] = [await heldRun(), await heldRun()];
    await acceptResult(database, { ...none, result: evaluated({ evaluations: [], gates: [] }) });
    await acceptResult(database, { ...passed, result: evaluated({ gates: [sampleGate()] }) });
    expect(await readRun(database, none.runId)).toMatchObject({ stopped: null, gatesFailed: null });
    expect(await readRun(database, passed.runId)).toMatchObject({ gatesFailed: 0 });
    expect([await readEvaluations(database, none.runId), await readGates(database, none.runId)]).toEqual([[], []]);
    const name = { weights: 'final', attack: 'clean', stage: null } as const;
    expect(await readCorrectBits(database, none.runId, name)).toBeUndefined();
  });

  it('sent again after a lost answer is stale and changes nothing', async () => {
    const id = await heldRun();
    await acceptResult(database, { ...id, result: evaluated() });
    const once = await recordOf(database, id.runId);
    expect([once.evaluations.length, once.gates.length]).toEqual([7, 2]);
    for (const result of [evaluated(), evaluated({ evaluations: [] }), evaluated({ gates: [sampleGate()] })])
      expect(await acceptResult(database, { ...id, result })).toBe('stale');
    expect(await recordOf(database, id.runId)).toEqual(once);
  });

  it('is the only one of many whose evaluations are there', async () => {
    const id = await heldRun();
    const results = Array.from({ length: 8 }, (_, index) =>
      evaluated({ evaluations: [sampleEvaluation({ attack: `by-${index}` })] }),
    );
    const answers = await Promise.all(results.map((result) => acceptResult(database, { ...id, result })));
    const accepted = results.filter((_, index) => answers[index] !== 'stale');
    expect(accepted).toHaveLength(1);
    expect(await storedEvaluations(id.runId)).toEqual(accepted[0].evaluations);
    expect((await recordOf(database, id.runId)).gates).toHaveLength(2);
  });

  it('goes with its experiment', async () => {
    const [gone, kept] = [await heldRun(), await heldRun()];
    for (const id of [gone, kept]) await acceptResult(database, { ...id, result: evaluated() });
    const { experimentId } = (await recordOf(database, gone.runId)).row;
    await database.client.experiment.delete({ where: { id: experimentId } });
    const left = async (runId: string) => [
      await database.client.evaluation.count({ where: { runId } }),
      await database.client.maskingGate.count({ where: { runId } }),
    ];
    expect([await left(gone.runId), await left(kept.runId)]).toEqual([
      [0, 0],
      [7, 2],
    ]);
  });
});

const good = sampleEvaluation();
const broken = (given: Partial<FinalEvaluation>): Partial<RunResult> => ({
  evaluations: [sampleEvaluation({ attack: 'clean' }), { ...good, ...given }],
});
const corrupt: readonly (readonly [string, Partial<RunResult>, string])[] = [
  ['a byte short', broken({ correct: good.correct.subarray(1) }), 'evaluations.1.correct is 1 bytes'],
  ['a byte long', broken({ correct: new Uint8Array([...good.correct, 0]) }), '2 bytes for 13 images'],
  ['a bit behind the last image', broken({ correct: good.correct.map((b, i) => b | (i * 0x20)) }), 'behind image 13'],
  ['one error more than it says', broken({ accuracy: 9 / 13 }), 'evaluations.1.accuracy is 0.69'],
  ['an accuracy that is no number', broken({ accuracy: Number.NaN }), 'must be 8 / 13'],
  ['bits as a list', broken({ correct: [...good.correct] as unknown as Uint8Array }), '[object Array]'],
  ['bits as JSON makes them', broken({ correct: { 0: 1, 1: 2 } as unknown as Uint8Array }), '[object Object]'],
  ['no images', broken({ images: 0, correct: new Uint8Array(0) }), 'evaluations.1.images is 0'],
  ['half an image', broken({ images: 12.5 }), 'a whole number'],
  ['weights that nobody knows', broken({ weights: 'last' as 'final' }), 'evaluations.1.weights is last'],
  ['a stage without a name', broken({ stage: '' }), 'evaluations.1.stage'],
  ['an endless evaluation', broken({ seconds: Number.POSITIVE_INFINITY }), 'evaluations.1.seconds is Infinity'],
  ['an evaluation twice', broken({ attack: 'clean' }), 'twice about ["final","clean",null]'],
  ['a gate twice', { gates: [...failedGates, failedGates[1]] }, 'twice about ["final","square-no-stronger"]'],
  [
    'a metric that is no number',
    { metrics: { ...sampleResult().metrics, robustGap: Number.NaN } },
    'metrics.robustGap',
  ],
];

describe('a result that contradicts itself', () => {
  it.each(corrupt)('by %s is refused, and closes the attempt as an error of the trainer', async (_, given, says) => {
    const id = await heldRun();
    const delivery = { ...id, result: evaluated(given) };
    await expect(acceptResult(database, delivery)).rejects.toThrow(CorruptResultError);
    const { row, attempts, evaluations, gates } = await recordOf(database, id.runId);
    expect(row).toMatchObject({ state: 'queued', failedAttempts: 1, weightHash: null });
    expect(attempts).toMatchObject([
      { outcome: 'internal_error', failure: { message: expect.stringContaining(says) as string } },
    ]);
    expect([evaluations, gates]).toEqual([[], []]);
  });

  it('is stale when it is sent again, fails the run when its tries are used up, and spares the next good one', async () => {
    const [bad, mended] = [await heldRun(), await heldRun()];
    const result = evaluated(corrupt[3][1]);
    for (let attempt = 1; attempt <= MAX_FAILED_ATTEMPTS; attempt++) {
      const delivery = { runId: bad.runId, attempt, result };
      if (attempt > 1) await claimNext(database, { ...delivery, workerId });
      await expect(acceptResult(database, delivery)).rejects.toThrow('evaluations.1.accuracy');
      expect(await acceptResult(database, delivery)).toBe('stale');
    }
    expect(await readRun(database, bad.runId)).toMatchObject({ state: 'failed', failure: { kind: 'internal_error' } });
    await expect(acceptResult(database, { ...mended, result })).rejects.toThrow(CorruptResultError);
    const next = { ...mended, attempt: 2 };
    await claimNext(database, { ...next, workerId });
    expect(await acceptResult(database, { ...next, result: evaluated() })).toMatchObject({ state: 'succeeded' });
    expect((await readAttempts(database, mended.runId)).map(({ outcome }) => outcome)).toEqual([
      'internal_error',
      'succeeded',
    ]);
    expect(await storedEvaluations(mended.runId)).toEqual(sampleEvaluations());
  });

  it('takes an accuracy that is off by what float32 rounds', async () => {
    const id = await heldRun();
    const result = evaluated({ evaluations: [sampleEvaluation({ accuracy: Math.fround(8 / 13) })] });
    expect(await acceptResult(database, { ...id, result })).toMatchObject({ state: 'succeeded' });
  });
});

/** An experiment whose runs by position got these results; undefined: still queued. */
async function storeResults(conditions: number, results: readonly (Partial<RunResult> | undefined)[]) {
  const stored = await storeSample(database, { conditions, seeds: results.length / conditions });
  for (const [position, given] of results.entries()) {
    if (given === undefined) continue;
    const id = { runId: stored.runIds[position], attempt: 1 };
    await claimNext(database, { ...id, workerId });
    await acceptResult(database, { ...id, result: evaluated(given) });
  }
  return stored;
}

describe('runs by their gates', () => {
  it('are listed page by page, and known to comparison and progress', async () => {
    const stopped = { epoch: 1, reason: 'no_improvement' } as const;
    const bothWeights = [...failedGates, ...failedGates.map((gate) => ({ ...gate, weights: 'best' as const }))];
    const results = [{}, { gates: [sampleGate()], stopped }, { gates: [] }, { gates: bothWeights }, undefined, {}];
    const { id, runIds } = await storeResults(2, results);
    const found = async (gates: GateFinding) => {
      const runs: string[] = [];
      for (let cursor: number | null = -1; cursor !== null; ) {
        const page = await listRuns(database, { experimentId: id, gates, limit: 2, cursor });
        runs.push(...page.items.map((run) => run.id));
        cursor = page.nextCursor;
      }
      return runs.map((runId) => runIds.indexOf(runId));
    };
    expect(await found('failed')).toEqual([0, 3, 5]);
    expect(await found('passed')).toEqual([1]);
    expect(await found('unmeasured')).toEqual([2, 4]);
    const runs = (await comparisonData(database, id)).flatMap((condition) => condition.runs);
    const of = (position: number) => runs.find(({ runId }) => runId === runIds[position]);
    expect(of(3)).toMatchObject({ gatesFailed: ['square-no-stronger'], stopped: null });
    expect(of(1)).toMatchObject({ gatesFailed: [], stopped });
    const experiment = (await readExperiment(database, id)) ?? expect.fail('it is stored');
    expect(await experimentProgress(database, experiment)).toMatchObject({ stopped: 1, gatesFailed: 3 });
  });
});

describe('evaluations of an experiment', () => {
  const under = (attack: string, errors: number, given: Partial<FinalEvaluation> = {}) =>
    sampleEvaluation({ images: 16, attack, wrong: Array.from({ length: errors }, (_, image) => image), ...given });
  const results = [
    { evaluations: [under('pgd', 4), under('clean', 0)] },
    { evaluations: [under('pgd', 6), under('pgd', 6, { weights: 'best' }), under('pgd', 2, { stage: 'first' })] },
    { evaluations: [under('pgd', 8), under('clean', 0)] },
    undefined,
  ];
  const whole = { weights: 'final', attack: 'pgd', stage: null, images: 16 };

  it('are averaged over the seeds of each condition, in pages of conditions', async () => {
    await storeResults(2, results);
    const { id } = await storeResults(2, results);
    const first = await listConditionEvaluations(database, { experimentId: id, limit: 1 });
    expect(first).toMatchObject({
      nextCursor: 0,
      items: [{ position: 0, levels: { 'attack.epsilon': 0.1 }, runs: 2 }],
    });
    const [pgd, clean, ...others] = first.items[0].evaluations;
    expect(others).toEqual([]);
    expect(pgd).toEqual({ ...whole, n: 2, mean: 0.625, sd: expect.closeTo(Math.SQRT1_2 / 4, 12) as number });
    expect(clean).toEqual({ ...whole, attack: 'clean', n: 2, mean: 1, sd: 0 });
    const second = await listConditionEvaluations(database, { experimentId: id, limit: 1, cursor: 0 });
    const one = { n: 1, sd: null };
    expect(second).toMatchObject({ nextCursor: null, items: [{ position: 1, runs: 2 }] });
    expect(second.items[0].evaluations).toEqual([
      { ...whole, ...one, weights: 'best', mean: 0.625 },
      { ...whole, ...one, mean: 0.625 },
      { ...whole, ...one, stage: 'first', mean: 0.875 },
    ]);
  });

  it('are found by weights, attack and stage', async () => {
    const { id } = await storeResults(2, results);
    const found = async (query: Partial<Parameters<typeof listConditionEvaluations>[1]>) =>
      (await listConditionEvaluations(database, { experimentId: id, limit: 9, ...query })).items.map(
        ({ evaluations }) => evaluations.map(({ weights, attack, stage }) => `${weights} ${attack} ${stage ?? '-'}`),
      );
    expect(await found({ attack: 'clean' })).toEqual([['final clean -'], []]);
    expect(await found({ weights: 'best' })).toEqual([[], ['best pgd -']]);
    expect(await found({ attack: 'pgd', stage: null })).toEqual([['final pgd -'], ['best pgd -', 'final pgd -']]);
    expect(await found({ stage: 'first' })).toEqual([[], ['final pgd first']]);
    expect(await found({ attack: 'nobody' })).toEqual([[], []]);
  });
});
