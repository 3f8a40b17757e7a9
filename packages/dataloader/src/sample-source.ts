// Order, batches and draws of a loader put together: what training iterates over and what the audit counts.
import { TorchDrawStream, type WordDrawStream } from '@reseed/rng';
import { type Batch, batchesOf, countBatches, countSamples } from './batches.ts';
import { counterDraws, type EpochDraws, sharedStreamDraws } from './epoch-draws.ts';
import { type EpochOrder, orderOfEpoch, takeOrder } from './epoch-order.ts';
import { DrawsNotServedError } from './errors.ts';
import { LastingStreams } from './lasting-streams.ts';
import { checkLoaderOptions, drawsPerBatch, drawsPerSample, type LoaderOptions } from './loader-options.ts';
import { precomputedDraws, skipTable } from './precomputed-draws.ts';
import {
  FIVE_DOUBLES,
  type ParentRule,
  type PersistentRule,
  type StreamRule,
  streamRule,
  type TableRule,
  type WorkerRule,
} from './stream-rule.ts';
import { openStream } from './stream-start.ts';

export interface OpenEpoch<P, B> {
  readonly order: EpochOrder;
  readonly batches: Iterable<Batch>;
  readonly draws: EpochDraws<P, B>;
}

export interface SampleSource<P, B> {
  readonly batchesPerEpoch: number;
  readonly samplesPerEpoch: number;
  readonly rule: StreamRule;
  openEpoch(epoch: number): OpenEpoch<P, B>;
}

type OpenDraws<P, B> = (epoch: number) => Omit<OpenEpoch<P, B>, 'batches'>;

/** Takes from each worker's stream (the only one: the parent's) what one epoch of it draws. */
function drawEpoch(options: LoaderOptions<unknown>, streams: readonly WordDrawStream[]): void {
  const all = countSamples(options);
  for (let batch = 0, start = 0; start < all; batch++, start += options.batchSize) {
    const stream = streams[batch % streams.length];
    const size = Math.min(options.batchSize, all - start);
    for (let i = 0; i < size; i++) options.draws.sample(stream);
    options.draws.batch?.(stream, size);
  }
}

function parentDraws<P, B>(options: LoaderOptions<P, B>, { start, before }: ParentRule): OpenDraws<P, B> {
  const begin = (stream: WordDrawStream, epoch: number): EpochOrder | undefined => {
    if (before === 'five_doubles') stream.skip(FIVE_DOUBLES);
    const sharesTheGenerator = before === 'torch_order' && options.generatorSeed === undefined;
    return sharesTheGenerator && stream instanceof TorchDrawStream
      ? takeOrder(options, epoch, stream.generator)
      : undefined;
  };
  const lasting = new LastingStreams([openStream(start)], (streams, epoch) => {
    begin(streams[0], epoch);
    drawEpoch(options, streams);
  });
  return (epoch) => {
    const streams = lasting.at(epoch);
    const order = begin(streams[0], epoch) ?? orderOfEpoch(options, epoch);
    return {
      order,
      draws: sharedStreamDraws(
        options.draws,
        () => streams[0],
        () => lasting.keep(epoch + 1, streams),
      ),
    };
  };
}

function workerDraws<P, B>(options: LoaderOptions<P, B>, rule: WorkerRule): OpenDraws<P, B> {
  return (epoch) => {
    const order = orderOfEpoch(options, epoch);
    const streams = new Map<number, WordDrawStream>();
    const streamOf = (worker: number): WordDrawStream => {
      let stream = streams.get(worker);
      if (stream === undefined) {
        stream = openStream(rule.start(order, worker));
        stream.skip(rule.skipped?.(epoch) ?? 0);
        streams.set(worker, stream);
      }
      return stream;
    };
    return { order, draws: sharedStreamDraws(options.draws, streamOf) };
  };
}

function persistentDraws<P, B>(options: LoaderOptions<P, B>, rule: PersistentRule): OpenDraws<P, B> {
  const first = orderOfEpoch(options, 0, 'once');
  const start = Array.from({ length: options.loader.workers }, (_, worker) => openStream(rule.start(first, worker)));
  const lasting = new LastingStreams(start, (streams) => drawEpoch(options, streams));
  return (epoch) => {
    const streams = lasting.at(epoch);
    const finish = () => lasting.keep(epoch + 1, streams);
    const draws = sharedStreamDraws(options.draws, (worker) => streams[worker], finish);
    return { order: orderOfEpoch(options, epoch, 'once'), draws };
  };
}

function tableDraws<P, B>(options: LoaderOptions<P, B>, { start }: TableRule): OpenDraws<P, B> {
  const { choices } = options.draws;
  if (choices === undefined) {
    throw new DrawsNotServedError(options.seedingMode, 'draws that are not choices among fixed options');
  }
  const size = { images: options.sampleCount, copies: options.loader.batchRepeat };
  const lasting = new LastingStreams([openStream(start)], ([stream]) => skipTable(stream, choices.counts, size));
  return (epoch) => {
    const streams = lasting.at(epoch);
    const draws = precomputedDraws<P, B>(streams[0], choices, size);
    lasting.keep(epoch + 1, streams);
    return { order: orderOfEpoch(options, epoch), draws };
  };
}

function drawsOfRule<P, B>(options: LoaderOptions<P, B>, rule: StreamRule): OpenDraws<P, B> {
  switch (rule.scope) {
    case 'parent':
      return parentDraws(options, rule);
    case 'worker':
      return workerDraws(options, rule);
    case 'persistent':
      return persistentDraws(options, rule);
    case 'counter': {
      const copies = options.loader.batchRepeat;
      return (epoch) => ({
        order: orderOfEpoch(options, epoch),
        draws: counterDraws(options.draws, rule, { epoch, copies }),
      });
    }
    case 'table':
      return tableDraws(options, rule);
  }
}

/** @throws DrawsNotServedError when a mode has no stream for what the program draws */
function checkDraws({ seedingMode, draws }: LoaderOptions<unknown>, rule: StreamRule): void {
  const onlyBatches = rule.scope === 'counter' && rule.serves === 'batches';
  if (onlyBatches && drawsPerSample(draws)) throw new DrawsNotServedError(seedingMode, 'draws per sample');
  if (rule.scope === 'table' && drawsPerBatch(draws)) throw new DrawsNotServedError(seedingMode, 'draws per batch');
}

/**
 * @throws LoaderRangeError, NoFullBatchError, BatchRepeatError, WorkersNotAllowedError, GeneratorSeedUnusedError,
 * DrawsNotServedError
 */
export function createSampleSource<P, B>(options: LoaderOptions<P, B>): SampleSource<P, B> {
  checkLoaderOptions(options);
  const rule = streamRule(options);
  checkDraws(options, rule);
  const openDraws = drawsOfRule(options, rule);
  return {
    batchesPerEpoch: countBatches(options),
    samplesPerEpoch: countSamples(options),
    rule,
    openEpoch(epoch) {
      const { order, draws } = openDraws(epoch);
      return { order, batches: batchesOf(options, order), draws };
    },
  };
}
