// Experiments, workers and results with nothing special about them, for tests that need rows and not trainings.
import {
  type Attempt,
  claimRun,
  type Database,
  insertExperiment,
  markEnqueued,
  type NewExperiment,
  readAttempts,
  recordFailure,
  registerWorker,
  renewLease,
} from '@reseed/database';
import {
  type BackendDescription,
  type DeviceClass,
  type EpochMetrics,
  type Failure,
  type FailureKind,
  resolveCondition,
  type RunResult,
  type RunState,
  runKeys,
  sha256Hex,
} from '@reseed/experiment';
import { v7 as uuidv7 } from 'uuid';

const EPSILONS = [0.1, 0.2, 0.3, 0.05, 0.15, 0.25];

export interface SampleOptions {
  /** at most six, which differ in epsilon; default 1 */
  readonly conditions?: number;
  /** replicates; default 1 */
  readonly seeds?: number;
  readonly deviceClass?: DeviceClass;
  readonly priority?: number;
  readonly idempotencyKey?: string;
  readonly name?: string;
  readonly model?: string;
}

/** Seeds are outermost, as the API puts them, and the first one is larger than 2^31. */
export function sampleExperiment(options: SampleOptions = {}): NewExperiment {
  const { seeds = 1, deviceClass = 'cpu', priority = 0, idempotencyKey = null, name = 'sample', model } = options;
  const given = EPSILONS.slice(0, options.conditions ?? 1).map((epsilon) => ({
    epochs: 4,
    attack: { epsilon },
    ...(model === undefined ? {} : { model }),
  }));
  const conditions = given.map((parameters, position) => ({
    id: uuidv7(),
    position,
    spec: resolveCondition(parameters).condition,
    levels: { 'attack.epsilon': parameters.attack.epsilon },
    seedCollisions: null,
  }));
  const seedList = Array.from({ length: seeds }, (_, index) => 0xffff_ffff - 1000 * index);
  const keys = conditions.map(({ spec }) => runKeys(spec, seedList));
  const runs = seedList.flatMap((seed, seedIndex) =>
    conditions.map(({ id: conditionId }, index) => ({
      id: uuidv7(),
      conditionId,
      seed,
      position: seedIndex * conditions.length + index,
      runKey: keys[index][seedIndex],
      deviceClass,
      priority,
    })),
  );
  const grid = { name, axes: { 'attack.epsilon': EPSILONS.slice(0, conditions.length) }, seeds: { count: seeds } };
  const gridHash = sha256Hex(JSON.stringify(grid));
  return { id: uuidv7(), name, grid, gridHash, idempotencyKey, compare: [], conditions, runs };
}

/** Stores a sample. @returns its id and the ids of its runs by position */
export async function storeSample(
  database: Database,
  options: SampleOptions = {},
): Promise<{ readonly id: string; readonly runIds: readonly string[] }> {
  const sample = sampleExperiment(options);
  await insertExperiment(database, sample);
  return { id: sample.id, runIds: sample.runs.map(({ id }) => id) };
}

export const sampleBackend: BackendDescription = {
  name: 'wasm-simd',
  device: 'sample device',
  deviceClass: 'cpu',
  threads: 1,
  backendClass: 'wasm-simd/0/threads-1/simd128',
  versions: { tfjs: '0.0.0' },
};

/** Registers a worker. @returns its id */
export async function storeWorker(database: Database, backend: Partial<BackendDescription> = {}): Promise<string> {
  const id = uuidv7();
  const description = { ...sampleBackend, ...backend };
  await registerWorker(database, { id, host: 'sample', pid: 4711, backend: description, codeVersion: 'sample' });
  return id;
}

/** @param robust the accuracy of every robust metric; the others are derived from it */
export function sampleResult(robust = 0.5): RunResult {
  return {
    weightHash: sha256Hex(`weights ${robust}`),
    metrics: {
      cleanAccuracy: (1 + robust) / 2,
      robustAccuracy: robust,
      robustAccuracyBest: robust,
      robustAccuracyFinal: robust,
      robustDrop: 0,
      robustGap: robust / 10,
    },
    evaluations: [],
    gates: [],
    bestEpoch: 2,
    backend: sampleBackend,
    seconds: 12.5,
    imagePassesPerSecond: 1000 * (1 + robust),
  };
}

/** What `readRun` tells of a result; its evaluations and gates are read apart. */
export function inRun({ evaluations: _, gates: __, ...result }: RunResult): Omit<RunResult, 'evaluations' | 'gates'> {
  return result;
}

/** An epoch that was not evaluated, unless told otherwise. */
export function sampleEpoch(epoch: number, changed: Partial<EpochMetrics> = {}): EpochMetrics {
  return {
    epoch,
    trainLoss: 2.5 / (epoch + 1),
    trainAccuracy: 0.1 * (epoch + 1),
    learningRate: 0.05,
    epsilon: 0.1,
    validationCleanAccuracy: null,
    validationRobustAccuracy: null,
    testCleanAccuracy: null,
    testRobustAccuracy: null,
    validationCleanAccuracyWa: null,
    validationRobustAccuracyWa: null,
    testCleanAccuracyWa: null,
    testRobustAccuracyWa: null,
    seconds: 0.25,
    ...changed,
  };
}

export interface HeldRun {
  readonly runId: string;
  readonly attempt: number;
}

/** Takes a run from the queue as the attempt to come. */
export async function claimNext(database: Database, id: HeldRun & { readonly workerId: string }): Promise<void> {
  const { runId, attempt, workerId } = id;
  await markEnqueued(database, [id]);
  const claimed = await claimRun(database, { runId, attempt, workerId, leaseSeconds: 60 });
  if (claimed === 'stale') throw new Error(`Attempt ${attempt} of run ${runId} was not to be had.`);
}

/** A run that was queued and that a worker holds as the given attempt; the attempts before were handed back. */
export async function holdRun(
  database: Database,
  workerId: string,
  options: { readonly attempt?: number } = {},
): Promise<HeldRun> {
  const { attempt: last = 1 } = options;
  const [runId] = (await storeSample(database)).runIds;
  for (let attempt = 1; attempt <= last; attempt++) {
    await claimNext(database, { runId, attempt, workerId });
    if (attempt < last) await recordFailure(database, { runId, attempt, failure: sampleFailure('handed_back') });
  }
  return { runId, attempt: last };
}

export const sampleFailure = (kind: FailureKind): Failure => ({
  kind,
  message: `because of ${kind}`,
  stack: 'at here',
});

export interface RunRecord {
  /** every column; these are the ones that tests name */
  readonly row: {
    readonly experimentId: string;
    readonly state: RunState;
    readonly attempt: number;
    readonly failedAttempts: number;
    readonly workerId: string | null;
    readonly leaseUntil: Date | null;
    readonly enqueuedAt: Date | null;
    readonly finishedAt: Date | null;
    readonly weightHash: string | null;
    readonly failure: unknown;
  };
  readonly attempts: readonly Attempt[];
  /** of all attempts, as the two below */
  readonly epochs: readonly (EpochMetrics & { readonly attempt: number })[];
  /** every column, bits included */
  readonly evaluations: readonly {
    readonly attempt: number;
    readonly accuracy: number;
    readonly correct: Uint8Array;
  }[];
  readonly gates: readonly { readonly attempt: number; readonly gate: string }[];
}

/** Everything that the database says of a run. */
export async function recordOf(database: Database, runId: string): Promise<RunRecord> {
  const { run, epochMetric, evaluation, maskingGate } = database.client;
  return {
    row: await run.findUniqueOrThrow({ where: { id: runId } }),
    attempts: await readAttempts(database, runId),
    evaluations: await evaluation.findMany({ where: { runId }, orderBy: [{ attempt: 'asc' }, { position: 'asc' }] }),
    gates: await maskingGate.findMany({ where: { runId }, orderBy: [{ attempt: 'asc' }, { gate: 'asc' }] }),
    epochs: await epochMetric.findMany({ where: { runId }, orderBy: [{ attempt: 'asc' }, { epoch: 'asc' }] }),
  };
}

/** As if the worker had stopped renewing a second ago. */
export async function loseLease(database: Database, held: HeldRun & { readonly workerId: string }) {
  return renewLease(database, { ...held, leaseSeconds: -1 });
}
