// How many distinct draw blocks and streams a run must have, from its sizes and the meaning of its seeding mode alone.
import { countBatches, countSamples, type Shares, sharesOfWorkers } from './batches.ts';
import { orderOfEpoch } from './epoch-order.ts';
import type { LoaderOptions } from './loader-options.ts';
import type { CounterRule, PersistentRule, StreamRule, WorkerRule } from './stream-rule.ts';

/** What is drawn: one block per sample, one per batch, or both from the same streams. */
export type Level = 'samples' | 'batches';

/** A number, or its bounds where no formula gives it. */
export type Expected = number | { readonly atLeast: number; readonly atMost: number };

export interface ClosedForm {
  distinctBlocks(epoch: number): Expected;
  readonly distinctBlocksPerRun: Expected;
}

const between = (atLeast: number, atMost: number): Expected => (atLeast === atMost ? atLeast : { atLeast, atMost });

export function isExpected(counted: number, expected: Expected): boolean {
  if (typeof expected === 'number') return counted === expected;
  return counted >= expected.atLeast && counted <= expected.atMost;
}

/** Images that are served at least once: all, unless dropLast leaves other ones out in every epoch. */
function countVisited(options: LoaderOptions<unknown>, epochs: number): number {
  const served = countSamples(options) / options.loader.batchRepeat;
  if (served === options.sampleCount || options.loader.shuffle !== 'reshuffle') return served;
  const visited = new Uint8Array(options.sampleCount);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const index of orderOfEpoch(options, epoch).indices.subarray(0, served)) visited[index] = 1;
  }
  return visited.reduce((sum, seen) => sum + seen, 0);
}

/** |∪_w [epoch·s_w, (epoch + 1)·s_w)|: workers that go on in copies of one sequence drift apart when shares differ. */
function unionOfWindows(shares: readonly number[], epoch: number): number {
  let covered = 0;
  let end = 0;
  for (const share of shares.toSorted((a, b) => a - b)) {
    covered += Math.max(0, (epoch + 1) * share - Math.max(end, epoch * share));
    end = Math.max(end, (epoch + 1) * share);
  }
  return covered;
}

/** Σ over the streams k = epoch + worker of the longest share that reads stream k. */
function diagonalBlocks(shareOf: (workers: readonly number[]) => number, workers: number, epochs: number): number {
  let blocks = 0;
  for (let k = 0; k < epochs + workers - 1; k++) {
    const readers: number[] = [];
    for (let worker = Math.max(0, k - epochs + 1); worker <= Math.min(k, workers - 1); worker++) readers.push(worker);
    blocks += shareOf(readers);
  }
  return blocks;
}

/**
 * A short last batch that ends with a draw of its own makes that draw from another place of the stream than workers
 * that share the stream, whose batch of the same turn is full. @returns that worker, −1 if there is none
 */
function shortWorker(options: LoaderOptions<unknown>, level: Level, drawn: readonly Level[]): number {
  const short = countSamples(options) % options.batchSize !== 0;
  return level === 'batches' && drawn.length > 1 && short ? (countBatches(options) - 1) % options.loader.workers : -1;
}

function ofWorkers(rule: WorkerRule, shares: readonly number[], short: number, epochs: number): ClosedForm {
  const all = shares.reduce((sum, share) => sum + share, 0);
  /** Blocks of one stream that these workers read. Only a worker before the short one has a full batch in its turn. */
  const blocksOf = (readers: readonly number[]): number =>
    Math.max(...readers.map((worker) => shares[worker])) + (readers.includes(short) && readers[0] < short ? 1 : 0);
  const perEpoch = rule.acrossWorkers === 'same' ? blocksOf(shares.map((_, worker) => worker)) : all;
  const perRun = {
    same: () => perEpoch,
    fresh: () => perEpoch * epochs,
    diagonal: () => diagonalBlocks(blocksOf, shares.length, epochs),
    shifted: () => between(perEpoch, perEpoch * epochs),
  }[rule.acrossEpochs]();
  return { distinctBlocks: () => perEpoch, distinctBlocksPerRun: perRun };
}

function ofPersistentWorkers(
  { acrossWorkers }: PersistentRule,
  shares: readonly number[],
  epochs: number,
  uneven: 'even' | 'uneven',
): ClosedForm {
  const all = shares.reduce((sum, share) => sum + share, 0);
  if (acrossWorkers === 'fresh') return { distinctBlocks: () => all, distinctBlocksPerRun: all * epochs };
  if (uneven === 'even') {
    const distinctBlocks = (epoch: number) => unionOfWindows(shares, epoch);
    return { distinctBlocks, distinctBlocksPerRun: shares[0] * epochs };
  }
  return {
    distinctBlocks: () => between(shares[0], all),
    distinctBlocksPerRun: between(shares[0] * epochs, all * epochs),
  };
}

function ofCounters(rule: CounterRule, options: LoaderOptions<unknown>, level: Level, epochs: number): ClosedForm {
  const perEpoch = level === 'samples' ? countSamples(options) : countBatches(options);
  const visited = () => (level === 'samples' ? countVisited(options, epochs) * options.loader.batchRepeat : perEpoch);
  const perRun = rule.acrossEpochs === 'same' ? visited() : perEpoch * epochs;
  return { distinctBlocks: () => perEpoch, distinctBlocksPerRun: perRun };
}

/**
 * With s_w blocks an epoch in worker w, N in all, and E epochs: streams that workers share give s_0 blocks an epoch, else
 * N; streams that epochs share give an epoch's blocks in the whole run, else E times as many; streams shared along the
 * diagonal e + w = k give the longest share on each.
 * @param drawn every level that the augmentation draws on
 */
export function closedForm(
  options: LoaderOptions<unknown>,
  rule: StreamRule,
  { level, drawn, epochs }: { readonly level: Level; readonly drawn: readonly Level[]; readonly epochs: number },
): ClosedForm {
  const shares: Shares = sharesOfWorkers(options);
  const all = level === 'samples' ? countSamples(options) : countBatches(options);
  switch (rule.scope) {
    case 'parent':
    case 'table':
      return { distinctBlocks: () => all, distinctBlocksPerRun: all * epochs };
    case 'worker':
      return ofWorkers(rule, shares[level], shortWorker(options, level, drawn), epochs);
    case 'persistent': {
      const uneven = shortWorker(options, 'batches', drawn) < 0 ? 'even' : 'uneven';
      return ofPersistentWorkers(rule, shares[level], epochs, uneven);
    }
    case 'counter':
      return ofCounters(rule, options, level, epochs);
  }
}

/** Streams by their seeds: a sequence that is read from several places is one stream. */
export function expectedStreams(
  options: LoaderOptions<unknown>,
  rule: StreamRule,
  { drawn, epochs }: { readonly drawn: readonly Level[]; readonly epochs: number },
): number {
  const busy = Math.min(Math.max(1, options.loader.workers), countBatches(options));
  switch (rule.scope) {
    case 'parent':
    case 'table':
      return 1;
    case 'worker': {
      const perEpoch = rule.acrossWorkers === 'same' ? 1 : busy;
      return {
        same: perEpoch,
        fresh: perEpoch * epochs,
        diagonal: epochs + busy - 1,
        shifted: perEpoch,
      }[rule.acrossEpochs];
    }
    case 'persistent':
      return rule.acrossWorkers === 'same' ? 1 : busy;
    case 'counter':
      return drawn.reduce((sum, level) => {
        const { distinctBlocksPerRun } = ofCounters(rule, options, level, epochs);
        return sum + Number(distinctBlocksPerRun);
      }, 0);
  }
}
