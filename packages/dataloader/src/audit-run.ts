// The audit of a run before it trains: how often its augmentation re-uses randomness, counted and by closed form.
import { type DrawStream, NumpyRandomState } from '@reseed/rng';
import type { SeedingMode } from '@reseed/experiment';
import { BlockTable } from './block-table.ts';
import { type ClosedForm, closedForm } from './closed-form.ts';
import { checkWhole, type DrawProgram, type LoaderOptions } from './loader-options.ts';
import { ParameterSurvey } from './parameter-survey.ts';
import { createSampleSource, type SampleSource } from './sample-source.ts';

export interface AuditOptions<P> extends LoaderOptions<P> {
  readonly epochs: number;
}

/** A number found by counting the real streams, and what it must be. */
export interface Count {
  readonly counted: number;
  readonly closedForm: number;
}

/** What the augmentation draws of one run repeat. Plain JSON; shares are fractions 0…1. */
export interface Audit {
  readonly seedingMode: SeedingMode;
  readonly workers: number;
  readonly epochs: number;
  readonly samplesPerEpoch: number;
  /** Draw blocks (one per sample and epoch); 0 when the augmentation draws nothing. */
  readonly drawsPerRun: number;
  /** Counted: the epoch with the fewest. */
  readonly distinctBlocksPerEpoch: Count;
  readonly distinctBlocksPerRun: Count;
  /** Share of an epoch's draw blocks that were used before in the same epoch. */
  readonly duplicatedSharePerEpoch: number;
  /** Share of the run's draw blocks that were used before in the run. */
  readonly repeatedSharePerRun: number;
  readonly usesPerBlock: { readonly least: number; readonly most: number };
  readonly distinctStreams: number;
  /** Distinct parameters that one sample meets in the run, on average; equal parameters may be drawn by chance. */
  readonly meanDistinctParametersPerSample: number;
  /** Images that the mean was taken over, evenly spread over the dataset. */
  readonly parametersMeasuredOn: number;
  /** What identifies a block: the 128 raw bits that its stream gives next, or the 128-bit seed of its own stream. */
  readonly identifiedBy: 'next_words' | 'stream_seed';
  /** Every count is its closed form, in every epoch. */
  readonly agrees: boolean;
}

interface Counts {
  readonly fewestPerEpoch: number;
  readonly mostPerEpoch: number;
  readonly perRun: number;
  readonly uses: { least: number; most: number };
  readonly streams: number;
}

function countWhileDrawing<P>(
  source: SampleSource,
  { epochs, draws, loader }: AuditOptions<P>,
  { distinctBlocksPerRun }: ClosedForm,
  survey: ParameterSurvey,
): Counts {
  const { rule } = source;
  const table = new BlockTable(distinctBlocksPerRun);
  const seeds = new Set<string>();
  const words = new Uint32Array(4);
  let fewestPerEpoch = Number.POSITIVE_INFINITY;
  let mostPerEpoch = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const { order, batches, streamOf, finish } = source.openEpoch(epoch);
    for (const { batch, worker, indices } of batches) {
      if (rule.scope === 'worker' && batch < loader.workers) seeds.add(String(rule.seed(order, worker)));
      for (const index of indices) {
        if (rule.scope === 'sample') {
          table.add(rule.seed(epoch, index, words), epoch);
          // A stream of its own tells nothing about the next one, so only surveyed images need theirs.
          if (survey.covers(index)) survey.record(index, draws.sample(streamOf(worker, index)));
        } else {
          const stream = streamOf(worker, index);
          stream.peek(words);
          table.add(words, epoch);
          const parameters = draws.sample(stream);
          if (survey.covers(index)) survey.record(index, parameters);
        }
      }
    }
    finish();
    fewestPerEpoch = Math.min(fewestPerEpoch, table.distinctInEpoch);
    mostPerEpoch = Math.max(mostPerEpoch, table.distinctInEpoch);
  }
  const streams = { run: 1, worker: seeds.size, sample: table.distinct }[rule.scope];
  return { fewestPerEpoch, mostPerEpoch, perRun: table.distinct, uses: table.uses(), streams };
}

/** Whether a program draws cannot depend on the stream, which it has not read before its first draw. */
function drawsNothing(draws: DrawProgram<unknown>): boolean {
  const probe: DrawStream & { wordsDrawn: number } = new NumpyRandomState(0);
  draws.sample(probe);
  return probe.wordsDrawn === 0;
}

/**
 * Audits the run that `createLoader` with the same options would feed, over `epochs` epochs. Ten million draws take a few
 * seconds and 0.4 GB.
 * @throws as createLoader does
 */
export function auditRun<P>(options: AuditOptions<P>): Audit {
  const { epochs, draws, seedingMode, loader, sampleCount } = options;
  checkWhole('epochs', epochs, 1, 0x7ffffffe);
  const source = createSampleSource(options);
  const { samplesPerEpoch, rule } = source;
  const sizes = { seedingMode, workers: loader.workers, epochs, samplesPerEpoch };
  const identifiedBy = rule.scope === 'sample' ? 'stream_seed' : 'next_words';
  if (drawsNothing(draws)) {
    return {
      ...sizes,
      drawsPerRun: 0,
      distinctBlocksPerEpoch: { counted: 0, closedForm: 0 },
      distinctBlocksPerRun: { counted: 0, closedForm: 0 },
      duplicatedSharePerEpoch: 0,
      repeatedSharePerRun: 0,
      usesPerBlock: { least: 0, most: 0 },
      distinctStreams: 0,
      meanDistinctParametersPerSample: 1,
      parametersMeasuredOn: sampleCount,
      identifiedBy,
      agrees: true,
    };
  }
  const expected = closedForm(options, epochs);
  const survey = new ParameterSurvey(sampleCount);
  const counts = countWhileDrawing(source, options, expected, survey);
  const drawsPerRun = samplesPerEpoch * epochs;
  return {
    ...sizes,
    drawsPerRun,
    distinctBlocksPerEpoch: { counted: counts.fewestPerEpoch, closedForm: expected.distinctBlocksPerEpoch },
    distinctBlocksPerRun: { counted: counts.perRun, closedForm: expected.distinctBlocksPerRun },
    duplicatedSharePerEpoch: 1 - counts.fewestPerEpoch / samplesPerEpoch,
    repeatedSharePerRun: 1 - counts.perRun / drawsPerRun,
    usesPerBlock: counts.uses,
    distinctStreams: counts.streams,
    meanDistinctParametersPerSample: survey.meanDistinct(),
    parametersMeasuredOn: survey.images,
    identifiedBy,
    agrees:
      counts.fewestPerEpoch === expected.distinctBlocksPerEpoch &&
      counts.mostPerEpoch === expected.distinctBlocksPerEpoch &&
      counts.perRun === expected.distinctBlocksPerRun &&
      counts.streams === expected.distinctStreams,
  };
}
