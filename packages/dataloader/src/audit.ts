// What an audit says: how often a run's augmentation re-uses randomness, counted and by closed form.
import type { Expected } from './closed-form.ts';
import type { LoaderMode } from './loader-options.ts';

/** A number found by counting the real streams, and what it must be. */
export interface Count {
  readonly counted: number;
  readonly closedForm: Expected;
}

/** What the draws of one level repeat. Shares are fractions 0…1; all is zero when nothing is drawn on the level. */
export interface BlockCounts {
  /** Draw blocks in the whole run: one per sample (copies too) and epoch, or one per batch and epoch. */
  readonly drawsPerRun: number;
  /** The epoch with the fewest. */
  readonly distinctBlocksPerEpoch: Count;
  /** Of the epochs counted. */
  readonly distinctBlocksPerRun: Count;
  /** Share of an epoch's draw blocks that were used before in the same epoch; in the epoch with the fewest blocks. */
  readonly duplicatedSharePerEpoch: number;
  /** Share of the counted draw blocks that were used before in the run. */
  readonly repeatedSharePerRun: number;
  readonly usesPerBlock: { readonly least: number; readonly most: number };
  /** Share of draw blocks that were used before in the window of W batches: W − 1 before, of the same epoch, and their own. */
  readonly duplicatedInWindowShare: number;
  /** Share of samples (or batches) whose draw block is the one they had in the epoch before. */
  readonly sameAsPreviousEpochShare: number;
}

/** What the augmentation draws of one run repeat. Plain JSON. The counts at the top are those of the draws per sample. */
export interface Audit extends BlockCounts {
  readonly seedingMode: LoaderMode;
  readonly workers: number;
  readonly epochs: number;
  /** Epochs that were counted block by block: all, but in very long runs. */
  readonly epochsCounted: number;
  /** Samples served in an epoch, copies counted. */
  readonly samplesPerEpoch: number;
  /** The draws per batch; null when the augmentation makes none. */
  readonly batchDraws: BlockCounts | null;
  /** Streams with different seeds, in the epochs counted. */
  readonly distinctStreams: number;
  /** Streams that should differ, but have equal 32-bit seeds by chance. */
  readonly chanceStreamCollisions: number;
  /** Distinct parameters that one sample meets in the run, on average; equal parameters may be drawn by chance. */
  readonly meanDistinctParametersPerSample: number;
  /** Images that the mean was taken over, evenly spread over the dataset. */
  readonly parametersMeasuredOn: number;
  /** What identifies a block: the 128 raw bits that its stream gives after it, or the 128-bit seed of its own stream. */
  readonly identifiedBy: 'next_words' | 'stream_seed';
  /** Every count is its closed form, in every epoch, but for streams that collide by chance. */
  readonly agrees: boolean;
}

export const NO_DRAWS: BlockCounts = {
  drawsPerRun: 0,
  distinctBlocksPerEpoch: { counted: 0, closedForm: 0 },
  distinctBlocksPerRun: { counted: 0, closedForm: 0 },
  duplicatedSharePerEpoch: 0,
  repeatedSharePerRun: 0,
  usesPerBlock: { least: 0, most: 0 },
  duplicatedInWindowShare: 0,
  sameAsPreviousEpochShare: 0,
};
