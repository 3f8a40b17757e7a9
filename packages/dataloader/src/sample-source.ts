// Order, batches and streams of a loader put together: what training iterates over and what the audit counts.
import { NumpyRandomState, type NumpyState } from '@reseed/rng';
import { type Batch, batchesOf, countBatches, countSamples } from './batches.ts';
import { type EpochOrder, orderOfEpoch } from './epoch-order.ts';
import { checkLoaderOptions, type LoaderOptions } from './loader-options.ts';
import { type RunRule, type SampleRule, type StreamRule, streamRule, type WorkerRule } from './stream-rule.ts';

/** The stream that serves sample `index` in worker `worker`; only good until the next sample is asked for. */
export type StreamOf = (worker: number, index: number) => NumpyRandomState;

export interface EpochSource {
  readonly order: EpochOrder;
  readonly batches: Iterable<Batch>;
  readonly streamOf: StreamOf;
  /** To be called when all samples of the epoch were drawn: a stream that outlives the epoch is then kept for the next. */
  finish(): void;
}

export interface SampleSource {
  readonly batchesPerEpoch: number;
  readonly samplesPerEpoch: number;
  readonly rule: StreamRule;
  openEpoch(epoch: number): EpochSource;
}

function workerStreams(rule: WorkerRule, order: EpochOrder): StreamOf {
  const streams: NumpyRandomState[] = [];
  return (worker) => (streams[worker] ??= new NumpyRandomState(rule.seed(order, worker)));
}

function sampleStreams(rule: SampleRule, { epoch }: EpochOrder): StreamOf {
  const stream = new NumpyRandomState(0);
  const words = new Uint32Array(4);
  return (_, index) => {
    stream.seed(rule.seed(epoch, index, words));
    return stream;
  };
}

/**
 * The one stream of a whole run, at the start of any epoch. Draw lengths vary (masked rejection), so an epoch's start is
 * found by drawing everything before it; the last start found is remembered, from which epochs in turn go on.
 */
class RunStream {
  readonly #start: NumpyState;
  #reached: { readonly epoch: number; readonly state: NumpyState };

  constructor(
    rule: RunRule,
    readonly drawEpoch: (stream: NumpyRandomState) => void,
  ) {
    this.#start = new NumpyRandomState(rule.seed).getState();
    this.#reached = { epoch: 0, state: this.#start };
  }

  at(epoch: number): NumpyRandomState {
    const from = epoch < this.#reached.epoch ? { epoch: 0, state: this.#start } : this.#reached;
    const stream = NumpyRandomState.fromState(from.state);
    for (let drawn = from.epoch; drawn < epoch; drawn++) this.drawEpoch(stream);
    this.keep(epoch, stream);
    return stream;
  }

  keep(epoch: number, stream: NumpyRandomState): void {
    this.#reached = { epoch, state: stream.getState() };
  }
}

type OpenStreams = (order: EpochOrder) => Pick<EpochSource, 'streamOf' | 'finish'>;

function streamOpener(rule: StreamRule, drawEpoch: (stream: NumpyRandomState) => void): OpenStreams {
  const finish = () => {};
  switch (rule.scope) {
    case 'worker':
      return (order) => ({ streamOf: workerStreams(rule, order), finish });
    case 'sample':
      return (order) => ({ streamOf: sampleStreams(rule, order), finish });
    case 'run': {
      const run = new RunStream(rule, drawEpoch);
      return ({ epoch }) => {
        const stream = run.at(epoch);
        return { streamOf: () => stream, finish: () => run.keep(epoch + 1, stream) };
      };
    }
  }
}

/** @throws LoaderRangeError, NoFullBatchError, WorkersNotAllowedError, GeneratorSeedUnusedError */
export function createSampleSource(options: LoaderOptions<unknown>): SampleSource {
  checkLoaderOptions(options);
  const rule = streamRule(options);
  const samplesPerEpoch = countSamples(options);
  const openStreams = streamOpener(rule, (stream) => {
    for (let i = 0; i < samplesPerEpoch; i++) options.draws.sample(stream);
  });
  return {
    batchesPerEpoch: countBatches(options),
    samplesPerEpoch,
    rule,
    openEpoch(epoch) {
      const order = orderOfEpoch(options, epoch);
      return { order, batches: batchesOf(options, order), ...openStreams(order) };
    },
  };
}
