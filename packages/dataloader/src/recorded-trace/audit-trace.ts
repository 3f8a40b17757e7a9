// The audit of a recorded trace: which of seven defects does the randomness of somebody's training code show?
//
// 1. Lines become numbers: equal draw blocks get equal numbers, and each line a place (run, resume, epoch, worker, position).
//    Draws repeated for a whole batch are counted once per batch.
// 2. Chance is measured: how often are blocks equal that have nothing to do with each other? From this follows how many
//    consecutive blocks must agree before chance is out of the question: two raw words, about 40 coin flips.
// 3. Streams are compared by such runs of blocks. Streams that begin alike form a class, and what the members have in common
//    names the rule (stream-classes.ts). Runs reached from different pasts show restarts and windows (stream-branches.ts).
//    Streams too short for that are judged by rates of equal draws, each against its own control (short-streams.ts).
// 4. Draws that follow the sample are found by rates, since no stream carries them (sample-ties.ts).
// 5. Findings are combined: what a restart explains is not named again, and variants that leave the same trace are named
//    together (explanations.ts).
import { type Background, measureBackground } from './background.ts';
import { type BatchDraws, findBatchDraws } from './batch-draws.ts';
import { findConstantStreams } from './constant-streams.ts';
import { TraceEmptyError } from './errors.ts';
import { combineExplanations } from './explanations.ts';
import { type Findings, mergeFindings, NOTHING, whole } from './findings.ts';
import { judgeLongStreams } from './long-stream-findings.ts';
import { readTraceLine } from './read-trace-line.ts';
import { RecordedLines } from './recorded-lines.ts';
import { measureRuns } from './run-measures.ts';
import { groupSamples, type LineGroups } from './sample-groups.ts';
import { findSampleTies, type SampleTies } from './sample-ties.ts';
import { judgeShortTrace, rateSentence } from './short-stream-findings.ts';
import { LineSplitter } from './split-lines.ts';
import type { TraceAudit } from './trace-audit.ts';
import { keysOf } from './trace-keys.ts';
import type { TraceLayout } from './trace-layout.ts';
import { TracePlaces } from './trace-places.ts';
import { UnknownKeys } from './unknown-keys.ts';
import { notCheckedNotes } from './unchecked-variants.ts';
import { TRACE_VARIANTS, type TraceVariantNumber } from './variants.ts';

/** So many lines take about 0.3 GB. */
const MAX_ANALYSED_LINES = 4_000_000;

export interface AuditTraceOptions {
  /** Lines beyond it are checked for form and not analysed; 1 or more. */
  readonly maxAnalysedLines?: number;
}

interface ReadTrace {
  readonly lines: number;
  readonly recorded: RecordedLines;
  readonly notes: readonly string[];
}

async function readTrace(chunks: AsyncIterable<string | Uint8Array>, maxAnalysedLines: number): Promise<ReadTrace> {
  const splitter = new LineSplitter();
  const recorded = new RecordedLines();
  const unknown = new UnknownKeys();
  let lines = 0;
  const take = (text: string, line: number): void => {
    if (text.trim() === '') return;
    const trace = readTraceLine(text, line, (key) => unknown.add(key));
    if (lines++ < maxAnalysedLines) recorded.add(trace, line);
  };
  for await (const chunk of chunks) splitter.push(chunk, take);
  splitter.end(take);
  if (lines === 0) throw new TraceEmptyError();
  const notes = unknown.notes();
  if (lines > recorded.size)
    notes.push(
      `Only the first ${whole(recorded.size)} of ${whole(lines)} lines were analysed; the others are well-formed.`,
    );
  return { lines, recorded, notes };
}

function batchNotes(batches: BatchDraws | undefined): string[] {
  if (batches === undefined) return [];
  return [`Draws are the same in every sample of a batch (told by ${batches.toldBy}): each batch counts as one draw.`];
}

function repeatedSampleNotes({ superseded, block }: TraceLayout, samples: number): string[] {
  const effective = block.length - superseded.reduce((sum, mark) => sum + mark, 0);
  if (samples >= 0.99 * effective) return [];
  return [
    `${whole(effective - samples)} lines hold a sample that their epoch had loaded before: ` +
      'if several runs share this file, label each with "run".',
  ];
}

function tieFindings(ties: SampleTies | undefined): Findings {
  if (ties === undefined) return NOTHING;
  const { epochs, seeds } = ties;
  return {
    explanations: [epochs.found ? [[5]] : [], seeds?.found === true ? [[3]] : []],
    evidence: [
      ...(epochs.found ? [rateSentence('Same sample, another epoch and position', epochs)] : []),
      ...(seeds?.found === true ? [rateSentence('Same epoch and sample, another seed', seeds)] : []),
    ],
    notes: [],
  };
}

interface Judgement extends Findings {
  readonly streams: number;
}

/** Whether most draws lie in streams that hold a whole run of blocks. */
function areLong({ start, block }: TraceLayout, length: number): boolean {
  let inLong = 0;
  for (let s = 0; s + 1 < start.length; s++) if (start[s + 1] - start[s] >= length) inLong += start[s + 1] - start[s];
  return inLong >= block.length / 2;
}

/** @param samples lines by sample; undefined for draws per batch, which have no sample that they could follow */
function judge(draws: TraceLayout, background: Background, samples: LineGroups | undefined): Judgement {
  const places = new TracePlaces(draws);
  const constant = findConstantStreams(draws, background, places);
  const streams = draws.start.length - 1;
  const oneBlock = background.length === Number.POSITIVE_INFINITY;
  if (oneBlock || constant.explanations.length > 0) {
    if (constant.explanations.length > 0) return { ...constant, streams };
    return { ...NOTHING, notes: ['Too few lines to tell anything.'], streams };
  }
  const ties = samples === undefined ? undefined : findSampleTies(draws, samples);
  if (areLong(draws, background.length)) {
    const long = judgeLongStreams(draws, { length: background.length, places, ties });
    return { ...mergeFindings(long, tieFindings(ties), constant), streams: long.streams };
  }
  const short = judgeShortTrace(draws, { keys: keysOf(draws), ties });
  const merged = mergeFindings(short, tieFindings(ties), constant);
  const testable = short.testable || ties?.epochs.testable === true;
  const note = testable
    ? `Most streams are shorter than ${whole(background.length)} draws: restarts and shifted windows cannot be seen in them.`
    : 'Too few lines to tell anything.';
  return { ...merged, notes: [...merged.notes, note], streams };
}

/**
 * Audits a trace: NDJSON with one line per loaded sample, in the order in which each worker loaded them. One million lines
 * take a few seconds and about 0.1 GB.
 * @throws TraceLineError for the first line that the format does not allow, TraceEmptyError for a trace without lines,
 *   RangeError for maxAnalysedLines below 1
 */
export async function auditTrace(
  chunks: AsyncIterable<string | Uint8Array>,
  { maxAnalysedLines = MAX_ANALYSED_LINES }: AuditTraceOptions = {},
): Promise<TraceAudit> {
  if (!(Number.isInteger(maxAnalysedLines) && maxAnalysedLines >= 1))
    throw new RangeError(`maxAnalysedLines is ${maxAnalysedLines}; it must be a whole number of 1 or more`);
  const { lines, recorded, notes } = await readTrace(chunks, maxAnalysedLines);
  const analysedLines = recorded.size;
  const layout = recorded.layOut();
  const samples = groupSamples(layout, 'replicate');
  const batches = findBatchDraws(layout);
  const draws = batches?.layout ?? layout;
  const measured = measureRuns(layout, draws, samples);
  const background = measureBackground(draws);
  const findings = judge(draws, background, batches === undefined ? samples : undefined);
  const explanations = combineExplanations(findings.explanations);
  const named = new Set<TraceVariantNumber>(explanations.flat());
  const blocks = draws.block.length;
  return {
    lines,
    analysedLines,
    runs: measured.runs,
    chance: {
      collisionProbability: background.collision,
      expectedDuplicatePairs: ((blocks * (blocks - 1)) / 2) * background.collision,
      observedDuplicatePairs: background.equalPairs,
      blocksComparedTogether: Number.isFinite(background.length) ? background.length : blocks,
      streams: findings.streams,
      expectedEqualStreamPairs: (findings.streams * (findings.streams - 1)) / 2 / 2 ** 32,
    },
    verdict: explanations.length === 0 ? 'clean' : 'defect',
    variants: [...named].sort((a, b) => a - b).map((variant) => TRACE_VARIANTS[variant]),
    explanations,
    evidence: findings.evidence,
    notes: [
      ...notes,
      ...batchNotes(batches),
      ...repeatedSampleNotes(layout, measured.samplesOfEpochs),
      ...findings.notes,
      ...notCheckedNotes(draws, named),
    ],
  };
}
