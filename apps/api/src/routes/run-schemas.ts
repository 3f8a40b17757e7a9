// The shapes in which runs, their attempts and learning curves are answered.
import type { Run } from '@reseed/database';
import { DEVICE_CLASSES, FAILURE_KINDS, type FailureKind, METRIC_NAMES, RUN_STATES } from '@reseed/experiment';
import { z } from 'zod';

const fraction = z.number();
const levels = z.record(z.string(), z.unknown()).readonly().describe('the value of every axis of the grid');
export const runState = z.enum(RUN_STATES);
export const failureKinds = Object.keys(FAILURE_KINDS) as FailureKind[];
export const failure = z.object({ kind: z.enum(failureKinds), message: z.string() });

export const earlyStop = z
  .object({ epoch: z.int(), reason: z.enum(['catastrophic_overfitting', 'no_improvement']) })
  .describe('why it ended before its last epoch, and in which epoch (from 0)');

export const backend = z.object({
  name: z.string(),
  device: z.string(),
  deviceClass: z.enum(DEVICE_CLASSES),
  threads: z.int(),
  backendClass: z.string().describe('inside one class the same spec gives the same bits'),
  versions: z.record(z.string(), z.string()).readonly(),
});

export const runItem = z.object({
  id: z.uuid(),
  experimentId: z.uuid(),
  levels,
  seed: z.int(),
  position: z.int().describe('order inside the experiment, seeds outermost'),
  state: runState,
  attempt: z.int().describe('attempts claimed so far'),
  runKey: z.string(),
  deviceClass: z.enum(DEVICE_CLASSES),
  priority: z.int(),
  workerId: z.uuid().nullable(),
  epoch: z.int().nullable().describe('latest epoch reported'),
  robustSoFar: fraction.nullable().describe('its robust accuracy, while the run is running'),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
  weightHash: z.string().nullable(),
  weightHashWa: z.string().nullable().describe('of the averaged weights'),
  metrics: z
    .partialRecord(z.enum(METRIC_NAMES), fraction)
    .readonly()
    .nullable()
    .describe(
      'those with Wa, of the averaged weights, are there when weights were averaged; strong ones when evaluation.attacks asked for them',
    ),
  bestEpoch: z.int().nullable(),
  bestEpochWa: z.int().nullable(),
  backend: backend.nullable(),
  seconds: z.number().nullable(),
  imagePassesPerSecond: z.number().nullable(),
  stopped: earlyStop.nullable(),
  gatesFailed: z.int().nullable().describe('signs of masked gradients that were found; null where none was looked for'),
  failure: failure.nullable(),
});

export const runDetail = runItem.extend({
  condition: z.record(z.string(), z.unknown()).readonly().describe('the spec with every default resolved'),
});

export const attempt = z.object({
  attempt: z.int(),
  workerId: z.uuid(),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
  outcome: z
    .enum(['succeeded', ...failureKinds])
    .nullable()
    .describe('null while it runs'),
  failure: failure.nullable(),
});

export const epoch = z.object({
  epoch: z.int(),
  trainLoss: z.number(),
  trainAccuracy: fraction,
  learningRate: z.number(),
  epsilon: z.number(),
  validationCleanAccuracy: fraction.nullable(),
  validationRobustAccuracy: fraction.nullable(),
  testCleanAccuracy: fraction.nullable(),
  testRobustAccuracy: fraction.nullable(),
  validationCleanAccuracyWa: fraction.nullable(),
  validationRobustAccuracyWa: fraction.nullable(),
  testCleanAccuracyWa: fraction.nullable(),
  testRobustAccuracyWa: fraction.nullable(),
  seconds: z.number(),
});

/** A run as a list shows it: everything but the spec and the audit. */
export type RunItem = z.output<typeof runItem>;

export const toRunItem = ({ conditionId: _, audit: __, failedAttempts: ___, ...run }: Run): RunItem => run;
