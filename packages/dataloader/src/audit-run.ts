// The audit of a run before it trains, by drawing from its real streams.
import { type Audit, type BlockCounts, NO_DRAWS } from './audit.ts';
import { BlockCounter } from './block-counter.ts';
import type { FingerprintCount } from './fingerprint-store.ts';
import { type ClosedForm, closedForm, expectedStreams, isExpected, type Level } from './closed-form.ts';
import { checkWhole, drawsPerBatch, drawsPerSample, type LoaderOptions } from './loader-options.ts';
import { ParameterSurvey } from './parameter-survey.ts';
import { createSampleSource, type SampleSource } from './sample-source.ts';
import { StreamCensus } from './stream-census.ts';

/** Draws that are counted one by one: all of N = 50,000 over 200 epochs. Of a longer run the first epochs are counted. */
const COUNTED_DRAWS = 12_000_000;

export interface AuditOptions<P> extends LoaderOptions<P> {
  readonly epochs: number;
}

type LevelCount = { readonly counter: BlockCounter; readonly expected: ClosedForm };
type Levels = Partial<Record<Level, LevelCount>>;
type LevelResult = LevelCount & { readonly ofRun: FingerprintCount };
type Results = Partial<Record<Level, LevelResult>>;

function countWhileDrawing<P>(
  { rule, openEpoch }: SampleSource<P, unknown>,
  { samples, batches: ofBatches }: Levels,
  { survey, census }: { readonly survey: ParameterSurvey; readonly census: StreamCensus },
  { epochs, copies }: { readonly epochs: number; readonly copies: number },
): void {
  // A stream of its own tells nothing about the next one, so only surveyed images need theirs.
  const independent = rule.scope === 'counter' || rule.scope === 'table';
  const name = new Uint32Array(4);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const { order, batches, draws } = openEpoch(epoch);
    census.see(order);
    for (const batch of batches) {
      const { indices } = batch;
      for (let position = 0; position < indices.length; position++) {
        const index = indices[position];
        if (survey.covers(index)) survey.record(index, draws.sample(batch, position));
        else if (!independent) draws.sample(batch, position);
        if (samples !== undefined) {
          draws.nameSample(batch, position, name);
          samples.counter.add(batch, index * copies + (position % copies), name);
        }
      }
      if (ofBatches === undefined) continue;
      if (!independent) draws.batch(batch);
      draws.nameBatch(batch, name);
      ofBatches.counter.add(batch, batch.batch, name);
    }
    draws.finish();
  }
}

function blockCounts({ counter, expected, ofRun }: LevelResult, drawsPerRun: number): BlockCounts {
  const { distinctPerEpoch, uses } = counter;
  const fewest = distinctPerEpoch.reduce((least, blocks) => Math.min(least, blocks));
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    drawsPerRun,
    distinctBlocksPerEpoch: {
      counted: fewest,
      closedForm: expected.distinctBlocks(distinctPerEpoch.indexOf(fewest)),
    },
    distinctBlocksPerRun: { counted: ofRun.distinct, closedForm: expected.distinctBlocksPerRun },
    duplicatedSharePerEpoch: 1 - share(fewest, uses / distinctPerEpoch.length),
    repeatedSharePerRun: 1 - share(ofRun.distinct, uses),
    usesPerBlock: ofRun.uses,
    duplicatedInWindowShare: share(counter.usedInWindow, uses),
    sameAsPreviousEpochShare: share(counter.sameAsPreviousEpoch, counter.comparedWithPreviousEpoch),
  };
}

/**
 * Audits the run that `createLoader` with the same options would feed, over `epochs` epochs. Ten million draws take a few
 * seconds and 0.25 GB.
 * @throws as createLoader does
 */
export function auditRun<P>(options: AuditOptions<P>): Audit {
  const { epochs, draws, seedingMode, loader, sampleCount } = options;
  checkWhole('epochs', epochs, 1, 0x7ffffffe);
  const source = createSampleSource(options);
  const { samplesPerEpoch, batchesPerEpoch, rule } = source;
  const perEpoch = { samples: samplesPerEpoch, batches: batchesPerEpoch };
  const drawn: Level[] = [
    ...(drawsPerSample(draws) ? ['samples' as const] : []),
    ...(drawsPerBatch(draws) ? ['batches' as const] : []),
  ];
  const epochsCounted = Math.min(epochs, Math.max(1, Math.floor(COUNTED_DRAWS / samplesPerEpoch)));
  const copies = loader.batchRepeat;
  const places = { samples: sampleCount * copies, batches: batchesPerEpoch };
  const levels: Levels = Object.fromEntries(
    drawn.map((level) => {
      const expected = closedForm(options, rule, { level, drawn, epochs: epochsCounted });
      const counter = new BlockCounter({
        usesPerEpoch: perEpoch[level],
        uses: perEpoch[level] * epochsCounted,
        window: loader.workers,
        places: places[level],
      });
      return [level, { expected, counter }];
    }),
  );
  const survey = new ParameterSurvey(sampleCount);
  const census = new StreamCensus(options, rule);
  if (drawn.length > 0) countWhileDrawing(source, levels, { survey, census }, { epochs: epochsCounted, copies });

  const results: Results = Object.fromEntries(
    Object.entries(levels).map(([level, count]) => [level, { ...count, ofRun: count.counter.ofRun() }]),
  );
  const countsOf = (level: Level): BlockCounts | undefined => {
    const count = results[level];
    return count === undefined ? undefined : blockCounts(count, perEpoch[level] * epochs);
  };
  const streams = countStreams(rule.scope, results, census);
  const lost = drawn.length === 0 ? 0 : expectedStreams(options, rule, { drawn, epochs: epochsCounted }) - streams;
  const byChance = rule.scope === 'worker' && rule.hashed32 === true && lost > 0;
  const agrees = drawn.every((level) => {
    const { counter, expected, ofRun: counted } = results[level] as LevelResult;
    const ofRun = byChance ? census.blocks(level) : expected.distinctBlocksPerRun;
    const everyEpoch = counter.distinctPerEpoch.every((blocks, epoch) =>
      isExpected(blocks, expected.distinctBlocks(epoch)),
    );
    return everyEpoch && isExpected(counted.distinct, ofRun);
  });
  return {
    seedingMode,
    workers: loader.workers,
    epochs,
    epochsCounted,
    samplesPerEpoch,
    ...(countsOf('samples') ?? NO_DRAWS),
    batchDraws: countsOf('batches') ?? null,
    distinctStreams: streams,
    chanceStreamCollisions: byChance ? lost : 0,
    meanDistinctParametersPerSample: drawn.includes('samples') ? survey.meanDistinct() : 1,
    parametersMeasuredOn: drawn.includes('samples') ? survey.images : sampleCount,
    identifiedBy: rule.scope === 'counter' ? 'stream_seed' : 'next_words',
    agrees: agrees && (byChance || lost === 0),
  };
}

function countStreams(
  scope: SampleSource<unknown, unknown>['rule']['scope'],
  levels: Results,
  census: StreamCensus,
): number {
  const counted = Object.values(levels);
  switch (scope) {
    case 'parent':
    case 'table':
      return Math.min(1, counted.length);
    case 'worker':
    case 'persistent':
      return census.streams;
    case 'counter':
      return counted.reduce((sum, { ofRun }) => sum + ofRun.distinct, 0);
  }
}
