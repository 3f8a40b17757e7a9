// Judges streams that are too short to be compared as wholes, by the rates of equal blocks at the same place.
import { SECOND_CHANCE_NATS } from './chance.ts';
import { compareRates, NO_PAIRS, type PairCount, PairCounter, type PairRate, plus, without } from './pair-rates.ts';
import type { TraceKeys } from './trace-keys.ts';
import type { TraceLayout } from './trace-layout.ts';

export interface Diagonal {
  readonly epochs: number;
  readonly workers: number;
}

export interface ShortStreams {
  readonly workers: PairRate;
  /** Another epoch, same worker and position, another sample. */
  readonly epochs: PairRate;
  /** The same with the same sample: cannot tell a tied sample from a repeated epoch. */
  readonly epochsOfSample: PairRate;
  readonly phases: PairRate;
  readonly seeds: PairRate | undefined;
  /** The step in epochs and workers at which streams are equal, if there is one. */
  readonly diagonal: Diagonal | undefined;
  /** The distance in blocks at which streams repeat themselves, if there is one. */
  readonly restartEvery: number | undefined;
}

/** Steps in epochs, and in workers or positions, that are looked at. */
const FARTHEST_EPOCH = 4;
const FARTHEST_POSITION = 256;

type Judge = (structured: PairCount, control: PairCount, copies?: number) => PairRate;

export function judgeShortStreams(layout: TraceLayout, keys: TraceKeys): ShortStreams {
  const { superseded, rawWords, replicates } = layout;
  const { replicate, part, phase, epoch, worker, position, index, ordinal, sequence, seed } = keys;
  const counter = new PairCounter(layout, (line) => superseded[line] === 0);
  const judge: Judge = (structured, control, copies) =>
    compareRates(structured, control, {
      rawWords,
      ...(copies === undefined ? {} : { copies, nats: SECOND_CHANCE_NATS }),
    });

  const inSequence = counter.sharing(sequence);
  const workers = counter.sharing(part, epoch, position);
  const atWorker = counter.sharing(part, worker, position);
  const ofSample = counter.sharing(part, worker, position, index);
  const otherPosition = without(counter.sharing(part, worker), inSequence, atWorker);
  const atOrdinal = without(
    counter.sharing(replicate, worker, ordinal, position),
    counter.sharing(part, worker, ordinal, position),
  );
  const ofOrdinal = without(counter.sharing(replicate, worker, ordinal), counter.sharing(part, worker, ordinal));

  // Another epoch, worker and position: what no relation makes equal.
  const sameEpochOrPosition = without(plus(counter.sharing(part, epoch), counter.sharing(part, position)), workers);
  const apart = without(counter.sharing(part), sameEpochOrPosition);

  const labelled = new PairCounter(
    layout,
    (line) => superseded[line] === 0 && replicates[replicate(line)].seed !== null,
  );
  const atPlace = without(
    labelled.sharing(phase, epoch, worker, position),
    labelled.sharing(phase, epoch, worker, position, seed),
  );
  const ofPlace = without(labelled.sharing(phase, epoch, worker), labelled.sharing(phase, epoch, worker, seed));
  const judged = judgeTogether(layout, {
    workers: (copies) => judge(workers, without(counter.sharing(part, epoch), inSequence, workers), copies),
    epochs: (copies) => judge(without(atWorker, ofSample), otherPosition, copies),
    epochsOfSample: (copies) => judge(ofSample, otherPosition, copies),
  });
  const { copies } = judged;
  return {
    ...judged,
    phases: judge(atOrdinal, without(ofOrdinal, atOrdinal), copies),
    seeds: atPlace.candidates === 0 ? undefined : judge(atPlace, without(ofPlace, atPlace), copies),
    diagonal: findDiagonal(layout, (pairs) => judge(pairs, apart)),
    restartEvery: findRestartEvery(layout, judge),
  };
}

type JudgeCopies = (copies?: number) => PairRate;

/**
 * Workers that share a stream make every block of an epoch a copy, and repeated epochs every block of a worker. Where both seem
 * to hold, each is judged once more without the copies that the other one makes.
 */
function judgeTogether(
  { sequences: { replicate, phase, epoch, worker } }: TraceLayout,
  judge: Readonly<Record<'workers' | 'epochs' | 'epochsOfSample', JudgeCopies>>,
): Pick<ShortStreams, 'workers' | 'epochs' | 'epochsOfSample'> & { readonly copies?: number } {
  const groups = (of: Int32Array) => new Set(Array.from(replicate, (r, s) => `${r} ${phase[s]} ${of[s]}`)).size;
  const byWorkers = replicate.length / groups(epoch);
  const byEpochs = replicate.length / groups(worker);
  const alone = { workers: judge.workers(), epochs: judge.epochs(), epochsOfSample: judge.epochsOfSample() };
  const epochsRepeat = alone.epochs.found || alone.epochsOfSample.found;
  if (!alone.workers.found || !epochsRepeat)
    return {
      ...alone,
      ...(alone.workers.found ? { copies: byWorkers } : {}),
      ...(epochsRepeat ? { copies: byEpochs } : {}),
    };
  const together = {
    workers: judge.workers(byEpochs),
    epochs: judge.epochs(byWorkers),
    epochsOfSample: judge.epochsOfSample(byWorkers),
  };
  const none = !together.workers.found && !together.epochs.found && !together.epochsOfSample.found;
  return { ...(none ? alone : together), copies: byWorkers * byEpochs };
}

/** Equal blocks at equal and at other positions of two sequences. */
function compareSequences({ start, block }: TraceLayout, a: number, b: number): { same: PairCount; other: PairCount } {
  const [lengthA, lengthB] = [a, b].map((s) => start[s + 1] - start[s]);
  const candidates = Math.min(lengthA, lengthB);
  const uses = new Map<number, number>();
  for (let line = start[a]; line < start[a + 1]; line++) uses.set(block[line], (uses.get(block[line]) ?? 0) + 1);
  let matches = 0;
  let anywhere = 0;
  for (let t = 0; t < lengthB; t++) {
    if (t < candidates && block[start[a] + t] === block[start[b] + t]) matches++;
    anywhere += uses.get(block[start[b] + t]) ?? 0;
  }
  const same = { candidates, matches, witnesses: candidates };
  return { same, other: without({ candidates: lengthA * lengthB, matches: anywhere, witnesses: 0 }, same) };
}

function findDiagonal(layout: TraceLayout, judge: (structured: PairCount) => PairRate): Diagonal | undefined {
  const { replicate, phase, epoch, worker } = layout.sequences;
  const sequenceAt = new Map<string, number>();
  const keyOf = (s: number, e: number, w: number) => `${replicate[s]} ${phase[s]} ${e} ${w}`;
  replicate.forEach((_, s) => sequenceAt.set(keyOf(s, epoch[s], worker[s]), s));
  const steps = [...new Set(worker)].flatMap((a) => [...new Set(worker)].map((b) => b - a));
  const workerSteps = [...new Set(steps)].filter((step) => step !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  for (let epochs = 1; epochs <= FARTHEST_EPOCH; epochs++) {
    for (const workers of workerSteps.slice(0, FARTHEST_POSITION)) {
      let pairs = NO_PAIRS;
      let others = NO_PAIRS;
      for (let s = 0; s < replicate.length; s++) {
        const other = sequenceAt.get(keyOf(s, epoch[s] + epochs, worker[s] + workers));
        if (other === undefined) continue;
        const compared = compareSequences(layout, s, other);
        pairs = plus(pairs, compared.same);
        others = plus(others, compared.other);
      }
      const rate = judge(pairs);
      // Epochs that draw less at random than others make all their positions alike.
      const alike = others.matches * pairs.candidates > 0.5 * pairs.matches * others.candidates;
      if (rate.found && !alike) return { epochs, workers };
    }
  }
  return undefined;
}

/** Streams that begin alike count once: copies of a stream repeat themselves where it does. */
const SAME_BEGINNING = 8;

function findRestartEvery({ start, block, superseded }: TraceLayout, judge: Judge): number | undefined {
  const counts = Array.from({ length: FARTHEST_POSITION + 1 }, () => ({ candidates: 0, matches: 0 }));
  const beginnings = new Set<string>();
  for (let s = 0; s + 1 < start.length; s++) {
    const beginning = block.subarray(start[s], Math.min(start[s] + SAME_BEGINNING, start[s + 1])).join();
    if (beginnings.has(beginning)) continue;
    beginnings.add(beginning);
    for (let line = start[s]; line < start[s + 1]; line++) {
      if (superseded[line] === 1) continue;
      for (let distance = 1; distance <= Math.min(FARTHEST_POSITION, line - start[s]); distance++) {
        counts[distance].candidates++;
        if (block[line] === block[line - distance]) counts[distance].matches++;
      }
    }
  }
  const rates = counts.map((count) => ({ ...count, witnesses: count.candidates }));
  const neighbours = rates[1].matches / Math.max(1, rates[1].candidates);
  for (let distance = 2; distance < rates.length; distance++) {
    const others = rates.filter((_, d) => d > 0 && d % distance !== 0);
    const control = others.reduce(plus, NO_PAIRS);
    const rate = judge(rates[distance], control);
    // Neighbours that are equal as often are batches that share their draws.
    if (rate.found && rates[distance].matches > 2 * neighbours * rates[distance].candidates) return distance;
  }
  return undefined;
}
