// Streams that outlive an epoch, found at the start of any epoch.
import type { WordDrawStream } from '@reseed/rng';

/**
 * Draw lengths vary (masked rejection), so an epoch's start is found by drawing everything before it; the last start
 * found is remembered, from which epochs in turn go on.
 */
export class LastingStreams {
  readonly #start: readonly WordDrawStream[];
  #reached: { readonly epoch: number; readonly streams: readonly WordDrawStream[] };

  /** @param drawEpoch takes from the streams all that an epoch draws */
  constructor(
    start: readonly WordDrawStream[],
    readonly drawEpoch: (streams: readonly WordDrawStream[], epoch: number) => void,
  ) {
    this.#start = start;
    this.#reached = { epoch: 0, streams: start };
  }

  /** The streams as epoch `epoch` begins; they are the caller's. */
  at(epoch: number): readonly WordDrawStream[] {
    const from = epoch < this.#reached.epoch ? { epoch: 0, streams: this.#start } : this.#reached;
    const streams = from.streams.map((stream) => stream.clone());
    for (let drawn = from.epoch; drawn < epoch; drawn++) this.drawEpoch(streams, drawn);
    this.keep(epoch, streams);
    return streams;
  }

  /** Remembers where epoch `epoch` begins. */
  keep(epoch: number, streams: readonly WordDrawStream[]): void {
    this.#reached = { epoch, streams: streams.map((stream) => stream.clone()) };
  }
}
