// Measures of one run: how many distinct draws it made, where they repeat, and what one sample met.
import type { LineGroups } from './sample-groups.ts';
import type { TraceLayout } from './trace-layout.ts';
import { shareInWindow } from './window-duplicates.ts';

export interface TraceRunMeasures {
  readonly run: string | number | null;
  readonly seed: string | number | null;
  readonly epochs: number;
  /** Ids of the workers that drew; −1 = the main process. */
  readonly workers: readonly number[];
  /** Draw blocks: one per sample, or one per batch where the draws are made per batch. */
  readonly draws: number;
  /** In the epoch with the fewest. */
  readonly distinctBlocksPerEpoch: number;
  readonly distinctBlocksPerRun: number;
  /** Share of draws, 0 to 1, that repeat another one of their epoch, in the worst epoch. */
  readonly duplicatedSharePerEpoch: number;
  /** Share of draws, 0 to 1, that repeat another one of the run. */
  readonly repeatedSharePerRun: number;
  readonly usesPerBlock: { readonly least: number; readonly most: number };
  /** Distinct first blocks of the (epoch, worker) sequences. */
  readonly distinctStreams: number;
  readonly meanDistinctParametersPerSample: number;
  /** Share of samples, 0 to 1, that drew what they had drawn one epoch before; 0 where no sample was seen in both. */
  readonly sameAsPreviousEpochShare: number;
  /** Share of draws, 0 to 1, also made in one of the W − 1 batches before theirs; null where lines tell no batch. */
  readonly duplicatesInWindowShare: number | null;
}

/** Lines of one run by epoch. */
interface RunLines {
  readonly ofEpoch: ReadonlyMap<number, readonly (readonly [number, number])[]>;
  readonly workers: readonly number[];
  readonly workersOfEpoch: ReadonlyMap<number, ReadonlySet<number>>;
}

/** The line ranges of each run, epochs rising. */
function linesOfRuns({ sequences, start, replicates }: TraceLayout): RunLines[] {
  const runs = replicates.map(() => ({
    ofEpoch: new Map<number, [number, number][]>(),
    workers: new Set<number>(),
    workersOfEpoch: new Map<number, Set<number>>(),
  }));
  for (let s = 0; s + 1 < start.length; s++) {
    const { ofEpoch, workers, workersOfEpoch } = runs[sequences.replicate[s]];
    const epoch = sequences.epoch[s];
    workers.add(sequences.worker[s]);
    if (!ofEpoch.has(epoch)) {
      ofEpoch.set(epoch, []);
      workersOfEpoch.set(epoch, new Set());
    }
    ofEpoch.get(epoch)?.push([start[s], start[s + 1]]);
    workersOfEpoch.get(epoch)?.add(sequences.worker[s]);
  }
  return runs.map(({ ofEpoch, workers, workersOfEpoch }) => ({
    ofEpoch: new Map([...ofEpoch].sort(([a], [b]) => a - b)),
    workers: [...workers].sort((a, b) => a - b),
    workersOfEpoch,
  }));
}

/** Tells for each block and group whether the block was seen in that group, with one stamp per block. */
class Stamps {
  readonly #last: Int32Array;
  #group = 0;

  constructor(blocks: number) {
    this.#last = new Int32Array(blocks);
  }

  nextGroup(): void {
    this.#group++;
  }

  /** Whether this is the first time in the group. */
  isNew(block: number): boolean {
    if (this.#last[block] === this.#group) return false;
    this.#last[block] = this.#group;
    return true;
  }
}

/**
 * The measures of every run, and the number of distinct (run, epoch, sample).
 * @param lines every sample
 * @param samples `lines` grouped by run and sample
 * @param draws the same trace with one line per draw: `lines` itself unless draws are made per batch
 */
export function measureRuns(
  lines: TraceLayout,
  draws: TraceLayout,
  samples: LineGroups,
): { readonly runs: TraceRunMeasures[]; readonly samplesOfEpochs: number } {
  const stamps = { epoch: new Stamps(draws.distinctBlocks), run: new Stamps(draws.distinctBlocks) };
  const uses = new Int32Array(draws.distinctBlocks);
  const ofSamples = measureSamples(lines, samples);
  const runs = linesOfRuns(draws).map((run, replicate) => {
    const { epochsOfSamples: _, ...measured } = ofSamples[replicate];
    return {
      ...draws.replicates[replicate],
      epochs: run.ofEpoch.size,
      workers: run.workers,
      ...countBlocks(draws, run, { stamps, uses }),
      ...measured,
      duplicatesInWindowShare: shareInWindow(draws, epochsOf(draws, run)),
    };
  });
  return { runs, samplesOfEpochs: ofSamples.reduce((sum, { epochsOfSamples }) => sum + epochsOfSamples, 0) };
}

function* epochsOf({ superseded }: TraceLayout, { ofEpoch, workersOfEpoch }: RunLines) {
  for (const [epoch, ranges] of ofEpoch) {
    const lines = new Int32Array(ranges.reduce((sum, [from, to]) => sum + to - from, 0));
    let count = 0;
    for (const [from, to] of ranges)
      for (let line = from; line < to; line++) if (superseded[line] === 0) lines[count++] = line;
    yield { lines: lines.subarray(0, count), workers: workersOfEpoch.get(epoch)?.size ?? 1 };
  }
}

type BlockMeasures = Pick<
  TraceRunMeasures,
  | 'draws'
  | 'distinctBlocksPerEpoch'
  | 'distinctBlocksPerRun'
  | 'duplicatedSharePerEpoch'
  | 'repeatedSharePerRun'
  | 'usesPerBlock'
  | 'distinctStreams'
>;

function countBlocks(
  { block, superseded }: TraceLayout,
  { ofEpoch }: RunLines,
  { stamps, uses }: { readonly stamps: Readonly<Record<'epoch' | 'run', Stamps>>; readonly uses: Int32Array },
): BlockMeasures {
  stamps.run.nextGroup();
  const streams = new Set<number>();
  let draws = 0;
  let distinctInRun = 0;
  let fewest = Number.POSITIVE_INFINITY;
  let duplicatedShare = 0;
  for (const ranges of ofEpoch.values()) {
    stamps.epoch.nextGroup();
    let distinct = 0;
    let inEpoch = 0;
    for (const [from, to] of ranges) {
      if (superseded[from] === 0) streams.add(block[from]);
      for (let line = from; line < to; line++) {
        if (superseded[line] === 1) continue;
        inEpoch++;
        if (stamps.epoch.isNew(block[line])) distinct++;
        if (stamps.run.isNew(block[line])) {
          distinctInRun++;
          uses[block[line]] = 0;
        }
        uses[block[line]]++;
      }
    }
    draws += inEpoch;
    fewest = Math.min(fewest, distinct);
    duplicatedShare = Math.max(duplicatedShare, 1 - distinct / inEpoch);
  }
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const ranges of ofEpoch.values()) {
    for (const [from, to] of ranges) {
      for (let line = from; line < to; line++) {
        if (superseded[line] === 1) continue;
        least = Math.min(least, uses[block[line]]);
        most = Math.max(most, uses[block[line]]);
      }
    }
  }
  return {
    draws,
    distinctBlocksPerEpoch: fewest,
    distinctBlocksPerRun: distinctInRun,
    duplicatedSharePerEpoch: duplicatedShare,
    repeatedSharePerRun: 1 - distinctInRun / draws,
    usesPerBlock: { least, most },
    distinctStreams: streams.size,
  };
}

interface SampleMeasures
  extends Pick<TraceRunMeasures, 'meanDistinctParametersPerSample' | 'sameAsPreviousEpochShare'> {
  /** Distinct (epoch, sample). */
  readonly epochsOfSamples: number;
}

/** @param groups lines by (run, sample) */
function measureSamples(layout: TraceLayout, { lines, start }: LineGroups): SampleMeasures[] {
  const { block, sequences, sequenceOf, replicates } = layout;
  const sums = replicates.map(() => ({ samples: 0, distinct: 0, compared: 0, same: 0, epochsOfSamples: 0 }));
  const stamps = new Stamps(layout.distinctBlocks);
  const epochOf = (line: number) => sequences.epoch[sequenceOf[line]];
  for (let group = 0; group + 1 < start.length; group++) {
    const ofSample = lines.subarray(start[group], start[group + 1]);
    const sum = sums[sequences.replicate[sequenceOf[ofSample[0]]]];
    sum.samples++;
    stamps.nextGroup();
    for (const line of ofSample) if (stamps.isNew(block[line])) sum.distinct++;
    const byEpoch = ofSample.length > 1 ? ofSample.slice().sort((a, b) => epochOf(a) - epochOf(b)) : ofSample;
    sum.epochsOfSamples++;
    for (let i = 1; i < byEpoch.length; i++) {
      const step = epochOf(byEpoch[i]) - epochOf(byEpoch[i - 1]);
      if (step > 0) sum.epochsOfSamples++;
      if (step !== 1) continue;
      sum.compared++;
      if (block[byEpoch[i]] === block[byEpoch[i - 1]]) sum.same++;
    }
  }
  return sums.map(({ samples, distinct, compared, same, epochsOfSamples }) => ({
    epochsOfSamples,
    meanDistinctParametersPerSample: distinct / samples,
    sameAsPreviousEpochShare: compared === 0 ? 0 : same / compared,
  }));
}
