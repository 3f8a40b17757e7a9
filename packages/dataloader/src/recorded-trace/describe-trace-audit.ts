// An audit of a recorded trace as lines for a terminal.
import { percent, whole } from './findings.ts';
import type { TraceRunMeasures } from './run-measures.ts';
import type { TraceAudit } from './trace-audit.ts';
import { TRACE_VARIANTS, type TraceVariantNumber } from './variants.ts';

function verdictLine({ verdict, explanations, lines }: TraceAudit): string {
  if (verdict === 'clean') return `clean: no repeated randomness in ${whole(lines)} lines`;
  const sets = explanations.map((set) => set.map((v) => TRACE_VARIANTS[v as TraceVariantNumber].name).join(' + '));
  return `defect: ${sets.join(', or ')}`;
}

function names({ run, seed }: TraceRunMeasures): string {
  const labels = [run === null ? '' : `run ${run}`, seed === null ? '' : `seed ${seed}`].filter(
    (label) => label !== '',
  );
  return labels.length === 0 ? 'run' : labels.join(', ');
}

function workersOf({ workers }: TraceRunMeasures): string {
  const inMain = workers.includes(-1) ? 'the main process' : '';
  const count = workers.filter((worker) => worker >= 0).length;
  const others = count === 0 ? '' : `${whole(count)} worker${count === 1 ? '' : 's'}`;
  return [inMain, others].filter((text) => text !== '').join(' and ');
}

function measureLine(run: TraceRunMeasures): string {
  const { duplicatesInWindowShare: window, usesPerBlock } = run;
  const uses =
    usesPerBlock.least === usesPerBlock.most
      ? `${usesPerBlock.least}`
      : `${usesPerBlock.least} to ${usesPerBlock.most}`;
  const parts = [
    `${whole(run.draws)} draws in ${whole(run.epochs)} epoch${run.epochs === 1 ? '' : 's'} by ${workersOf(run)}`,
    `${whole(run.distinctBlocksPerRun)} distinct blocks (fewest in an epoch: ${whole(run.distinctBlocksPerEpoch)})`,
    `each used ${uses} time${usesPerBlock.most === 1 ? '' : 's'}`,
    `${percent(run.duplicatedSharePerEpoch)} duplicates inside an epoch`,
    `${percent(run.repeatedSharePerRun)} in the run`,
    `${whole(run.distinctStreams)} distinct streams`,
    `${run.meanDistinctParametersPerSample.toFixed(2)} distinct draws per sample`,
    `${percent(run.sameAsPreviousEpochShare)} as in the epoch before`,
    ...(window === null ? [] : [`${percent(window)} as in the last batches of other workers`]),
  ];
  return `${names(run)}: ${parts.join('; ')}`;
}

/** Runs described at most; a trace may hold thousands. */
const DESCRIBED_RUNS = 20;

/** Verdict first, then the variants with a sentence each, the evidence, the measures and the notes. */
export function describeTraceAudit(audit: TraceAudit): string[] {
  const { variants, explanations, evidence, runs, notes, chance } = audit;
  const alternatives =
    explanations.length > 1 ? ['The trace cannot tell apart: each of these explains it equally well.'] : [];
  const more = runs.length - DESCRIBED_RUNS;
  return [
    verdictLine(audit),
    ...alternatives,
    ...variants.map(({ variant, name, meaning }) => `  ${variant} ${name}: ${meaning}`),
    ...section('Evidence', evidence),
    ...section('Measures', [
      ...runs.slice(0, DESCRIBED_RUNS).map(measureLine),
      ...(more > 0 ? [`and ${whole(more)} more runs`] : []),
      `chance: unrelated draws are equal with probability ${chance.collisionProbability.toExponential(1)} at most; ` +
        `${whole(chance.observedDuplicatePairs)} equal pairs seen`,
    ]),
    ...section('Notes', notes),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}
