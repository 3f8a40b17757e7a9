// The shape in which audits are answered: what the random draws of a run repeat, counted before it trains.
import { type Audit, describeAudit } from '@reseed/dataloader';
import { SEEDING_MODES } from '@reseed/experiment';
import { z } from 'zod';

const count = z.object({
  counted: z.int().describe('found by drawing from the real streams'),
  closedForm: z.int().describe('what the seeding mode must give'),
});

export const runAudit = z.object({
  seedingMode: z.enum(SEEDING_MODES),
  workers: z.int(),
  epochs: z.int(),
  samplesPerEpoch: z.int(),
  drawsPerRun: z.int().describe('draw blocks, one per sample and epoch; 0 when the augmentation draws nothing'),
  distinctBlocksPerEpoch: count,
  distinctBlocksPerRun: count,
  duplicatedSharePerEpoch: z.number().describe('share of an epoch’s draw blocks used before in the same epoch'),
  repeatedSharePerRun: z.number().describe('share of the run’s draw blocks used before in the run'),
  usesPerBlock: z.object({ least: z.int(), most: z.int() }),
  distinctStreams: z.int(),
  meanDistinctParametersPerSample: z.number(),
  parametersMeasuredOn: z.int().describe('images that the mean was taken over'),
  identifiedBy: z.enum(['next_words', 'stream_seed']),
  agrees: z.boolean().describe('every count is its closed form'),
});

export const auditSummary = z.string().nullable().describe('the audit as one sentence; null before it is made');

/** An audit as the database holds it, with its sentence. */
export function describeStoredAudit(stored: unknown): { summary: string | null; audit: Audit | null } {
  if (stored === null) return { summary: null, audit: null };
  const audit = stored as Audit;
  return { summary: describeAudit(audit), audit };
}
