// Turns what was found among streams long enough to be compared as wholes into variants.
import { nameBlockRuns } from './block-runs.ts';
import { poissonTail } from './chance.ts';
import { type Extent, explainSharing, type VariantSet } from './explanations.ts';
import { type Findings, percent, whole } from './findings.ts';
import { forgetTiedRuns, groupRuns } from './run-groups.ts';
import type { SampleTies } from './sample-ties.ts';
import { findBranches, type StreamBranches } from './stream-branches.ts';
import { classifyStreams, type Relation, type RelationName, type StreamClasses } from './stream-classes.ts';
import type { TraceLayout } from './trace-layout.ts';
import type { TracePlaces } from './trace-places.ts';

/** Equal streams are a finding when 32-bit seeds drawn at random would give so many with less than this probability. */
const LEAST_CHANCE = 1e-6;
const NEARLY_ALL = 0.9;
/** Where streams start over in the middle, a few do so by coincidence at their start. */
const FEW = 0.1;
const SEEDS = 2 ** 32;

export interface LongStreamFindings extends Findings {
  readonly streams: number;
}

export function judgeLongStreams(
  layout: TraceLayout,
  {
    length,
    places,
    ties,
  }: { readonly length: number; readonly places: TracePlaces; readonly ties: SampleTies | undefined },
): LongStreamFindings {
  const named = nameBlockRuns(layout, length);
  const groups = groupRuns(named, layout.superseded);
  const tied = ties?.epochs.found === true;
  const runs = tied ? forgetTiedRuns(named, layout.index, groups) : named;
  const branches = findBranches(layout, runs, tied ? groupRuns(runs, layout.superseded) : groups);
  const classes = classifyStreams(layout, runs, branches.restarted);
  const fromBranches = branchFindings(layout, branches, places);
  const fromClasses = classFindings(layout, classes, { places, ties, restarts: branches.restart !== undefined });
  return {
    streams: classes.streams,
    explanations: [...fromClasses.explanations, ...fromBranches.explanations],
    evidence: [...fromClasses.evidence, ...fromBranches.evidence],
    notes: [...fromClasses.notes, ...fromBranches.notes],
  };
}

function branchFindings(layout: TraceLayout, branches: StreamBranches, places: TracePlaces): Findings {
  const explanations: VariantSet[][] = [];
  const evidence: string[] = [];
  const { restart, seedMerge, shift, meeting, resume, seedShift } = branches;
  if (restart !== undefined) {
    explanations.push([[4]]);
    const share = percent(branches.restartLines / layout.block.length);
    evidence.push(`A stream starts over in the middle (${share} of the draws): ${places.bothLines(restart)}.`);
  }
  if (seedMerge !== undefined) {
    explanations.push([[4]]);
    evidence.push(`Streams of different seeds become one in the middle: ${places.bothLines(seedMerge)}.`);
  }
  if (shift !== undefined) {
    explanations.push([[7]]);
    evidence.push(`Windows of one sequence overlap: ${places.bothLines(shift)}.`);
  } else if (meeting !== undefined) {
    explanations.push(restart === undefined ? [[7], [4]] : [[4]]);
    evidence.push(`Two streams meet in the middle of both: ${places.bothLines(meeting)}.`);
  }
  if (resume !== undefined) {
    explanations.push([[6]]);
    evidence.push(`After the resume the stream goes back: ${places.bothLines([resume[0], resume[1]])}.`);
  }
  if (seedShift !== undefined) {
    explanations.push([[7]]);
    evidence.push(`Streams of different seeds overlap: ${places.bothLines(seedShift)}.`);
  }
  return { explanations, evidence, notes: [] };
}

const SENTENCES: Readonly<Record<Exclude<RelationName, 'unlabelledRuns'>, string>> = {
  workers: 'equal the stream of another worker in the same epoch',
  epochs: 'equal the stream of the same worker in another epoch',
  phases: 'equal the stream of the same worker before a resume',
  diagonal: 'equal a stream of another worker in another epoch',
  seeds: 'equal the stream of the same worker and epoch under another seed',
  seedOverlap: 'equal a stream of another worker or epoch under another seed',
};

interface ClassContext {
  readonly places: TracePlaces;
  readonly ties: SampleTies | undefined;
  /** Whether streams start over in the middle. */
  readonly restarts: boolean;
}

function classFindings(
  layout: TraceLayout,
  { relations, streams, sameSampleShare }: StreamClasses,
  { places, ties, restarts }: ClassContext,
): Findings {
  const byChance = (streams * (streams - 1)) / 2 / SEEDS;
  const evidence: string[] = [];
  const notes: string[] = [];
  const found = (name: Exclude<RelationName, 'unlabelledRuns'>, expected: number): boolean => {
    const { coincidences, streams: equal, example } = relations[name];
    if (coincidences === 0 || example === undefined || (restarts && equal < FEW * streams)) return false;
    if (poissonTail(coincidences, expected) < LEAST_CHANCE) {
      evidence.push(
        `${whole(equal)} of ${whole(streams)} streams ${SENTENCES[name]}, e.g. ${places.bothStreams(example)}.`,
      );
      return true;
    }
    notes.push(
      `${whole(coincidences)} pair(s) of equal streams, ${places.bothStreams(example)}: among ${whole(streams)} streams ` +
        `seeded with random 32-bit numbers chance alone can do that (${expected.toExponential(1)} pairs to be expected).`,
    );
    return false;
  };
  const extent = (name: 'workers' | 'epochs'): Extent => {
    if (!found(name, byChance)) return 'none';
    return isNearlyAll(relations[name], streams) ? 'all' : 'some';
  };
  const workers = extent('workers');
  const samples = sameSampleShare >= NEARLY_ALL ? 'same' : 'other';
  // Samples that are proven to carry their draws explain repeated epochs in which they kept their places.
  const tied = ties?.epochs.found === true;
  const explained = tied && samples === 'same';
  const epochs = relations.epochs.coincidences > 0 && !explained ? extent('epochs') : 'none';
  const resumed = epochs === 'none' && !explained && found('phases', streams / SEEDS);
  const across = relations.phases.example?.map((sequence) => layout.sequences.epoch[sequence]);
  const resumedInEpoch = across !== undefined && across[0] === across[1];
  const seeds = found('seeds', byChance);
  const refuted = ties === undefined || (ties.epochs.testable && !ties.epochs.found);
  const sharing = explainSharing({
    workers,
    epochs,
    resume: !resumed ? 'none' : resumedInEpoch ? 'restarts' : blameResume(layout),
    seeds: seeds ? 'shared' : 'own',
    drawnIn: layout.sequences.worker.every((worker) => worker < 0) ? 'main_process' : 'workers',
    samples: refuted ? 'other' : samples,
  });
  const shifted = [found('diagonal', byChance), !seeds && found('seedOverlap', byChance)];
  const { example } = relations.unlabelledRuns;
  if (example !== undefined)
    notes.push(`Runs without a seed label draw the same: ${places.bothStreams(example)}. Label the lines with "seed".`);
  return { explanations: [sharing, shifted.includes(true) ? [[7]] : []], evidence, notes };
}

function isNearlyAll(relation: Relation, streams: number): boolean {
  return relation.streams >= NEARLY_ALL * streams;
}

/**
 * Whether streams that repeat over a resume can only be blamed on it: not where no worker recorded two epochs without a
 * resume in between, since every epoch may repeat then. Inside one epoch nothing else can be the reason.
 */
export function blameResume({ sequences: { replicate, phase, epoch, worker } }: TraceLayout): 'restarts' | 'or_epochs' {
  const twoEpochs = replicate.some(
    (r, s) => s > 0 && replicate[s - 1] === r && phase[s - 1] === phase[s] && worker[s - 1] === worker[s],
  );
  return twoEpochs || new Set(epoch).size === 1 ? 'restarts' : 'or_epochs';
}
