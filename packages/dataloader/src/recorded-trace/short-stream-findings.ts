// Turns the rates of equal blocks in short streams into variants.
import { type Extent, explainSharing, type VariantSet } from './explanations.ts';
import { type Findings, percent, whole } from './findings.ts';
import { blameResume } from './long-stream-findings.ts';
import type { PairRate } from './pair-rates.ts';
import type { SampleTies } from './sample-ties.ts';
import { judgeShortStreams } from './short-streams.ts';
import type { TraceKeys } from './trace-keys.ts';
import type { TraceLayout } from './trace-layout.ts';

const NEARLY_ALL = 0.9;

/** The rate of a finding with the rate to hold it against, for people. */
export function rateSentence(what: string, { structured, control }: PairRate): string {
  const rate = ({ candidates, matches }: PairRate['structured']) =>
    `${whole(matches)} of ${whole(candidates)}${candidates === 0 ? '' : ` (${percent(matches / candidates)})`}`;
  return `${what}: ${rate(structured)} pairs of draws are equal; of other pairs ${rate(control)}.`;
}

function extentOf({ found, structured }: PairRate): Extent {
  if (!found) return 'none';
  return structured.matches >= NEARLY_ALL * structured.candidates ? 'all' : 'some';
}

export interface ShortStreamFindings extends Findings {
  /** Whether at least one relation had enough pairs to be found. */
  readonly testable: boolean;
}

export function judgeShortTrace(
  layout: TraceLayout,
  { keys, ties }: { readonly keys: TraceKeys; readonly ties: SampleTies | undefined },
): ShortStreamFindings {
  const rates = judgeShortStreams(layout, keys);
  const evidence: string[] = [];
  const told = (what: string, rate: PairRate): boolean => {
    if (rate.found) evidence.push(rateSentence(what, rate));
    return rate.found;
  };
  told('Same epoch and position, another worker', rates.workers);
  told('Same worker and position, another epoch', rates.epochs);
  const tied = ties?.epochs.found === true;
  const refuted = ties === undefined || (ties.epochs.testable && !tied);
  const sameSample = !rates.epochs.found && !tied && rates.epochsOfSample.found;
  if (sameSample) told('Same worker, position and sample, another epoch', rates.epochsOfSample);
  const epochs = extentOf(sameSample ? rates.epochsOfSample : rates.epochs);
  const resumed = epochs === 'none' && !tied && told('Same worker and position after a resume', rates.phases);
  const seeds = rates.seeds !== undefined && told('Same epoch, worker and position, another seed', rates.seeds);
  const workers = extentOf(rates.workers);
  const explanations: (readonly VariantSet[])[] = [
    explainSharing({
      workers,
      epochs,
      resume: resumed ? blameResume(layout) : 'none',
      seeds: seeds ? 'shared' : 'own',
      drawnIn: layout.sequences.worker.every((worker) => worker < 0) ? 'main_process' : 'workers',
      samples: sameSample && !refuted ? 'same' : 'other',
    }),
  ];
  if (rates.diagonal !== undefined && workers === 'none' && epochs === 'none') {
    const { epochs: step, workers: side } = rates.diagonal;
    explanations.push([[7]]);
    evidence.push(
      `The stream of (epoch, worker) is that of (epoch + ${step}, worker ${side < 0 ? '−' : '+'} ${Math.abs(side)}).`,
    );
  }
  if (rates.restartEvery !== undefined) {
    explanations.push([[4]]);
    evidence.push(`Streams repeat themselves every ${rates.restartEvery} draws.`);
  }
  const { workers: w, epochs: e, epochsOfSample: s, phases: p } = rates;
  return { explanations, evidence, notes: [], testable: [w, e, s, p].some(({ testable }) => testable) };
}
