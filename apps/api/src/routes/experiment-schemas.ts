// The shapes in which experiments and the answers to a posted grid are given.
import { describeLevels, SEEDING_MODES } from '@reseed/experiment';
import type { Experiment, ExperimentProgress } from '@reseed/database';
import { z } from 'zod';
import { estimateRemaining } from '../submission/estimate-remaining.ts';
import { runAudit, sharedSeeds } from './audit-schemas.ts';

const count = z.int().min(0);
const levels = z.record(z.string(), z.unknown()).readonly().describe('the value of every axis of the grid');
const positions = z.array(z.array(count).readonly()).readonly();
const warnings = z.array(z.string()).readonly().describe('what is allowed but probably not meant');

export const experimentItem = z.object({
  id: z.uuid(),
  name: z.string(),
  state: z.enum(['active', 'finished']),
  conditions: count,
  runs: count,
  counts: z.object({ queued: count, running: count, succeeded: count, failed: count, cancelled: count }),
  createdAt: z.date(),
});

export const experimentView = experimentItem.extend({
  etaSeconds: z.number().nullable().describe('until the last run ends; null while there is nothing to judge by'),
  progress: z
    .array(
      z.object({
        runId: z.uuid(),
        label: z.string().describe('its condition in short'),
        seed: z.int(),
        attempt: z.int(),
        epoch: z.int().nullable().describe('latest epoch reported, from 0'),
        epochs: z.int(),
        robustSoFar: z.number().nullable(),
        workerId: z.uuid().nullable(),
      }),
    )
    .readonly()
    .describe('the runs that are running'),
  stopped: count.describe('runs that ended before their last epoch'),
  gatesFailed: count.describe('runs in which a gate against masked gradients failed'),
  gridHash: z.string().describe('sha256 of the canonical JSON of the grid'),
  grid: z.unknown().describe('the grid as posted'),
});
export type ExperimentView = z.output<typeof experimentView>;

export const submitAnswer = z.object({
  id: z.uuid(),
  conditions: count,
  runs: count,
  reused: count.describe('runs whose result was taken over from an earlier experiment'),
  warnings,
});
export type SubmitAnswer = z.output<typeof submitAnswer>;

const issue = z.object({
  field: z.string(),
  message: z.string(),
  value: z.unknown().optional(),
  nearest: z.string().optional(),
});

export const dryRunAnswer = z.object({
  conditions: count,
  runs: count,
  reused: count,
  warnings,
  duplicates: positions.describe('groups of conditions whose specs are the same'),
  identical: positions.describe('groups of conditions that give identical runs by construction'),
  invalid: z
    .array(z.object({ position: count, levels, issues: z.array(issue).readonly() }))
    .readonly()
    .describe('conditions that cannot run'),
  estimate: z.object({
    imagePasses: z.number().describe('passes of one image through a network and back'),
    seconds: z.number().nullable().describe('on the workers that live now; null when nothing is known of their speed'),
  }),
  audit: z
    .array(
      z.object({
        conditions: z.array(count).readonly(),
        seedingMode: z.enum(SEEDING_MODES),
        audit: runAudit.nullable(),
        summary: z.string(),
        seedCollisions: sharedSeeds,
      }),
    )
    .readonly()
    .describe('what the random draws of one run repeat, by group of conditions that draw alike'),
});

export function toExperimentItem({
  id,
  name,
  counts,
  createdAt,
  ...rest
}: Experiment): z.output<typeof experimentItem> {
  const state = counts.queued + counts.running > 0 ? 'active' : 'finished';
  return { id, name, state, conditions: rest.conditionCount, runs: rest.runCount, counts, createdAt };
}

export function toExperimentView(experiment: Experiment, progress: ExperimentProgress, now: Date): ExperimentView {
  return {
    ...toExperimentItem(experiment),
    etaSeconds: estimateRemaining(progress, now),
    progress: progress.running.map(({ levels: ofRun, startedAt: _, ...run }) => ({
      ...run,
      label: describeLevels(ofRun),
    })),
    stopped: progress.stopped,
    gatesFailed: progress.gatesFailed,
    gridHash: experiment.gridHash,
    grid: experiment.grid,
  };
}
