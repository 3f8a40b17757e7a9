// Random interleavings of what workers write: step by step against a model of the ledger, then all workers at once.
import {
  acceptResult,
  claimRun,
  type Database,
  expireLeases,
  readRun,
  recordFailure,
  recordProgress,
  renewLease,
} from '@reseed/database';
import {
  FAILURE_KINDS,
  type FailureKind,
  MAX_FAILED_ATTEMPTS,
  type RunResult,
  type RunState,
} from '@reseed/experiment';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { ownDatabase } from './services/own-services.ts';
import { sampleEvaluation } from './services/sample-evaluations.ts';
import {
  inRun,
  loseLease,
  type RunRecord,
  recordOf,
  sampleEpoch,
  sampleFailure,
  sampleResult,
  storeSample,
  storeWorker,
} from './services/sample-experiment.ts';

/** Ends the search, and on a failure the search for a smaller one, so that the seed is printed before the test times out. */
const LIMIT = { interruptAfterTimeLimit: 12_000 };
const RUNS = 2;
const WORKERS = 3;
const LEASE = { leaseSeconds: 600 };
const IMAGES = 100;

/** A result that can be told by its evaluation. @param accuracy in whole hundredths */
const resultOf = (accuracy: number): RunResult => {
  const wrong = Array.from({ length: Math.round(IMAGES * (1 - accuracy)) }, (_, image) => image);
  return { ...sampleResult(accuracy), evaluations: [sampleEvaluation({ images: IMAGES, wrong })] };
};

/** Evaluations are those of the accepted result, under the attempt that delivered it, and no others. */
function expectEvaluationsOf(accepted: number | null, { row, evaluations }: RunRecord): void {
  const found = evaluations.map(({ attempt, accuracy }) => ({ attempt, accuracy: Math.round(IMAGES * accuracy) }));
  expect(found).toEqual(accepted === null ? [] : [{ attempt: row.attempt, accuracy: Math.round(IMAGES * accepted) }]);
}
const VERBS = ['claim', 'claim', 'renew', 'lose', 'progress', 'progress', 'result', 'fail', 'expire'] as const;

/** What one worker does next. */
interface Step {
  readonly verb: (typeof VERBS)[number];
  readonly run: number;
  readonly worker: number;
  /** how far the attempt that it names is from the right one; mostly 0 */
  readonly off: number;
  readonly kind: FailureKind;
  readonly epoch: number;
  /** in hundredths; says whose result, and which epoch's accuracy, it is */
  readonly accuracy: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom(...VERBS),
  run: fc.nat(RUNS - 1),
  worker: fc.nat(WORKERS - 1),
  off: fc.constantFrom(0, 0, 0, 0, -1, 1),
  kind: fc.constantFrom(...(Object.keys(FAILURE_KINDS) as FailureKind[])),
  epoch: fc.nat(3),
  accuracy: fc.nat(100),
});

let database: Database;
let workers: readonly string[];

beforeAll(async () => {
  database = await ownDatabase();
  workers = await Promise.all(Array.from({ length: WORKERS }, () => storeWorker(database)));
});

/** Does the step to the real ledger. @returns what the ledger answered, in short */
async function take(step: Step, runId: string, current: number): Promise<string> {
  const workerId = workers[step.worker];
  const attempt = current + step.off;
  const accuracy = step.accuracy / 100;
  switch (step.verb) {
    case 'claim': {
      const claimed = await claimRun(database, { runId, attempt: attempt + 1, workerId, ...LEASE });
      return claimed === 'stale' ? 'stale' : 'running';
    }
    case 'renew': {
      const renewed = await renewLease(database, { runId, attempt, workerId, ...LEASE });
      return renewed === 'stale' ? 'stale' : 'renewed';
    }
    case 'lose': {
      const lost = await loseLease(database, { runId, attempt, workerId });
      return lost === 'stale' ? 'stale' : 'renewed';
    }
    case 'progress': {
      const epochs = [sampleEpoch(step.epoch, { testRobustAccuracy: accuracy })];
      const recorded = await recordProgress(database, { runId, attempt, epochs });
      return recorded === 'stale' ? 'stale' : `epoch ${recorded.epoch}`;
    }
    case 'result': {
      const accepted = await acceptResult(database, { runId, attempt, result: resultOf(accuracy) });
      return accepted === 'stale' ? 'stale' : accepted.state;
    }
    case 'fail': {
      const recorded = await recordFailure(database, { runId, attempt, failure: sampleFailure(step.kind) });
      return recorded === 'stale' ? 'stale' : recorded.state;
    }
    case 'expire': {
      const lost = (await expireLeases(database)).filter((one) => one.runId === runId);
      return lost.map((one) => `lost ${one.attempt}`).join();
    }
  }
}

/** The ledger as its documentation has it, for one run. */
class ModelRun {
  state: RunState = 'queued';
  failedAttempts = 0;
  leaseIsOver = false;
  accepted: number | null = null;
  epoch: number | null = null;
  robust: number | null = null;
  readonly attempts: { readonly worker: number; outcome: string | null; readonly epochs: Set<number> }[] = [];

  take(step: Step): string {
    if (step.verb === 'expire') return this.expire();
    if (step.verb === 'claim') return this.claim(step);
    if (this.state !== 'running' || step.off !== 0) return 'stale';
    const attempt = this.attempts[this.attempts.length - 1];
    switch (step.verb) {
      case 'renew':
      case 'lose':
        if (attempt.worker !== step.worker) return 'stale';
        this.leaseIsOver = step.verb === 'lose';
        return 'renewed';
      case 'progress':
        if (this.epoch === null || step.epoch >= this.epoch) this.robust = step.accuracy / 100;
        this.epoch = Math.max(this.epoch ?? 0, step.epoch);
        attempt.epochs.add(step.epoch);
        return `epoch ${this.epoch}`;
      case 'result':
        this.accepted = step.accuracy / 100;
        return this.end('succeeded', 'succeeded');
      case 'fail': {
        const { action } = FAILURE_KINDS[step.kind];
        if (action === 'retry') this.failedAttempts++;
        const again = action === 'handBack' || (action === 'retry' && this.failedAttempts < MAX_FAILED_ATTEMPTS);
        return this.end(again ? 'queued' : 'failed', step.kind);
      }
    }
  }

  private claim({ off, worker }: Step): string {
    if (this.state !== 'queued' || off !== 0) return 'stale';
    this.attempts.push({ worker, outcome: null, epochs: new Set() });
    [this.epoch, this.robust, this.leaseIsOver] = [null, null, false];
    return (this.state = 'running');
  }

  private expire(): string {
    if (this.state !== 'running' || !this.leaseIsOver) return '';
    this.end('queued', 'worker_lost');
    return `lost ${this.attempts.length}`;
  }

  private end(state: RunState, outcome: string): string {
    this.attempts[this.attempts.length - 1].outcome = outcome;
    return (this.state = state);
  }
}

async function expectAsModelled(runId: string, model: ModelRun): Promise<void> {
  const record = await recordOf(database, runId);
  const { row, attempts, epochs } = record;
  expectEvaluationsOf(model.accepted, record);
  expect(row).toMatchObject({
    state: model.state,
    attempt: model.attempts.length,
    failedAttempts: model.failedAttempts,
    epoch: model.epoch,
    robustSoFar: model.robust,
    weightHash: model.accepted === null ? null : sampleResult(model.accepted).weightHash,
  });
  expect(attempts).toMatchObject(
    model.attempts.map(({ worker, outcome }, index) => ({ attempt: index + 1, workerId: workers[worker], outcome })),
  );
  expect(epochs.map(({ attempt, epoch }) => [attempt, epoch])).toEqual(
    model.attempts.flatMap((attempt, index) =>
      [...attempt.epochs].toSorted((a, b) => a - b).map((epoch) => [index + 1, epoch]),
    ),
  );
}

it('answers every step as the model does, and holds what the model holds', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }), async (steps) => {
    const { runIds } = await storeSample(database, { seeds: RUNS });
    const models = runIds.map(() => new ModelRun());
    for (const next of steps) {
      const model = models[next.run];
      // A look for expired leases finds those of the other run too.
      const others = next.verb === 'expire' ? models.filter((other) => other !== model) : [];
      const answer = await take(next, runIds[next.run], model.attempts.length);
      expect(answer, JSON.stringify(next)).toBe(model.take(next));
      for (const other of others) other.take(next);
    }
    for (const [index, model] of models.entries()) await expectAsModelled(runIds[index], model);
  });
  await fc.assert(property, { numRuns: 25, ...LIMIT });
});

/** What must hold whatever happened in whatever order. @param accepted the accuracies of the results that were accepted */
async function expectInvariants(runId: string, accepted: readonly number[]): Promise<void> {
  const record = await recordOf(database, runId);
  const { row, attempts, epochs } = record;
  expectEvaluationsOf(accepted[0] ?? null, record);
  expect(accepted.length).toBe(row.state === 'succeeded' ? 1 : 0);
  expect(row.weightHash).toBe(accepted.length === 0 ? null : sampleResult(accepted[0]).weightHash);
  // No number twice, none left out.
  expect(attempts.map(({ attempt }) => attempt)).toEqual(Array.from({ length: row.attempt }, (_, index) => index + 1));
  const outcomes = attempts.map(({ outcome }) => outcome);
  const before = outcomes.slice(0, -1);
  for (const outcome of before) expect(FAILURE_KINDS[outcome as FailureKind].action).not.toBe('fail');
  const tries = outcomes.filter((outcome) => FAILURE_KINDS[outcome as FailureKind]?.action === 'retry').length;
  expect(row.failedAttempts).toBe(tries);
  const last = outcomes.at(-1) ?? null;
  const action = FAILURE_KINDS[last as FailureKind]?.action;
  switch (row.state) {
    case 'queued':
      expect([undefined, 'handBack', 'retry']).toContain(action);
      expect(tries).toBeLessThan(MAX_FAILED_ATTEMPTS);
      expect(row).toMatchObject({ workerId: null, leaseUntil: null, finishedAt: null });
      break;
    case 'running':
      expect(last).toBeNull();
      expect(row.workerId).toBe(attempts.at(-1)?.workerId);
      break;
    case 'succeeded':
      expect(last).toBe('succeeded');
      break;
    case 'failed':
      expect(action === 'fail' || (action === 'retry' && tries === MAX_FAILED_ATTEMPTS)).toBe(true);
      expect(row.failure).toMatchObject({ kind: last });
      break;
    case 'cancelled':
      expect.fail('nobody cancelled it');
  }
  for (const { attempt } of epochs) expect(attempt).toBeLessThanOrEqual(row.attempt);
}

/** However it stands: if the run has not ended, a new attempt can still deliver. */
async function expectFinishable(runId: string): Promise<void> {
  const { state, attempt, workerId } = (await recordOf(database, runId)).row;
  if (state === 'running') {
    await loseLease(database, { runId, attempt, workerId: workerId as string });
    await expireLeases(database);
  }
  if (state !== 'running' && state !== 'queued') return;
  const next = { runId, attempt: attempt + 1 };
  expect(await claimRun(database, { ...next, workerId: workers[0], ...LEASE })).not.toBe('stale');
  expect(await acceptResult(database, { ...next, result: sampleResult(0.125) })).not.toBe('stale');
  expect(await readRun(database, runId)).toMatchObject({ state: 'succeeded', ...inRun(sampleResult(0.125)) });
}

it('keeps its invariants when all workers write at once', async () => {
  const script = fc.array(step, { minLength: 1, maxLength: 20, size: 'max' });
  const property = fc.asyncProperty(fc.tuple(script, script, script, script), async (scripts) => {
    const { runIds } = await storeSample(database, { seeds: RUNS });
    const accepted = runIds.map((): number[] => []);
    await Promise.all(
      scripts.map(async (steps) => {
        for (const next of steps) {
          // What the worker last heard of the run may be old by the time it writes: that is the point.
          const { attempt } = (await readRun(database, runIds[next.run])) ?? { attempt: 0 };
          if ((await take(next, runIds[next.run], attempt)) === 'succeeded')
            accepted[next.run].push(next.accuracy / 100);
        }
      }),
    );
    for (const [index, runId] of runIds.entries()) {
      await expectInvariants(runId, accepted[index]);
      await expectFinishable(runId);
    }
  });
  await fc.assert(property, { numRuns: 12, ...LIMIT });
});
