// The shape in which audits are answered: what the random draws of a run repeat, counted before it trains.
import { type Audit, describeAudit, type SeedCollisions } from '@reseed/dataloader';
import { z } from 'zod';

const count = z.object({
  counted: z.int().describe('found by drawing from the real streams'),
  closedForm: z
    .union([z.int(), z.object({ atLeast: z.int(), atMost: z.int() })])
    .describe('what the seeding mode must give: a number, or bounds where no formula gives it'),
});
const share = z.number().min(0).max(1);

const blockCounts = z.object({
  drawsPerRun: z.int().describe('draw blocks, one per sample (or batch) and epoch; 0 when nothing is drawn'),
  distinctBlocksPerEpoch: count.describe('of the epoch with the fewest'),
  distinctBlocksPerRun: count.describe('of the epochs counted'),
  duplicatedSharePerEpoch: share.describe('share of an epoch’s draw blocks used before in the same epoch'),
  repeatedSharePerRun: share.describe('share of the counted draw blocks used before in the run'),
  usesPerBlock: z.object({ least: z.int(), most: z.int() }),
  duplicatedInWindowShare: share.describe('share of draw blocks used before in the last `workers` batches'),
  sameAsPreviousEpochShare: share.describe('share of samples (or batches) that drew what they drew the epoch before'),
});

export const runAudit = blockCounts.extend({
  seedingMode: z.string(),
  workers: z.int(),
  epochs: z.int(),
  epochsCounted: z.int().describe('epochs counted block by block: all, but in very long runs'),
  samplesPerEpoch: z.int().describe('copies counted'),
  batchDraws: blockCounts.nullable().describe('the draws made once per batch; null when there are none'),
  distinctStreams: z.int().describe('streams with different seeds'),
  chanceStreamCollisions: z.int().describe('streams that should differ but have equal 32-bit seeds by chance'),
  meanDistinctParametersPerSample: z.number(),
  parametersMeasuredOn: z.int().describe('images that the mean was taken over'),
  identifiedBy: z.enum(['next_words', 'stream_seed']),
  agrees: z.boolean().describe('every count is its closed form'),
});

const place = z.object({ epoch: z.int(), worker: z.int().describe('−1: the main process') });

export const sharedSeeds = z.object({
  streamsPerSeed: z.int(),
  epochsCompared: z.int(),
  seedsCompared: z.int(),
  pairCount: z.int().describe('pairs of seeds that share streams'),
  pairs: z
    .array(
      z.object({
        seeds: z.tuple([z.int(), z.int()]).readonly(),
        sharedStreams: z.int(),
        places: z.tuple([place, place]).readonly().describe('where each of the two reads one of them'),
      }),
    )
    .readonly()
    .describe('the first of them'),
});

export const auditSummary = z.string().nullable().describe('the audit as one sentence; null before it is made');

/** An audit as the database holds it, with its sentence. */
export function describeStoredAudit(stored: unknown): { summary: string | null; audit: Audit | null } {
  if (stored === null) return { summary: null, audit: null };
  const audit = stored as Audit;
  return { summary: describeAudit(audit), audit };
}

/** Collisions as the database holds them. */
export const storedCollisions = (stored: unknown): SeedCollisions | null => stored as SeedCollisions | null;
