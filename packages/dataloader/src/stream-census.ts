// The streams of a run by their seeds: how many there are, and how many blocks they can give.
import { type Shares, sharesOfWorkers } from './batches.ts';
import type { Level } from './closed-form.ts';
import type { EpochOrder } from './epoch-order.ts';
import type { LoaderOptions } from './loader-options.ts';
import type { StreamRule } from './stream-rule.ts';
import { nameOfStream } from './stream-start.ts';

export class StreamCensus {
  readonly #shares: Shares;
  /** The largest share that reads each stream. */
  readonly #longest = new Map<string, Readonly<Record<Level, number>>>();

  constructor(
    options: LoaderOptions<unknown>,
    readonly rule: StreamRule,
  ) {
    this.#shares = sharesOfWorkers(options);
  }

  /** Streams seen that workers read; streams of other kinds are not looked at. */
  get streams(): number {
    return this.#longest.size;
  }

  /** Blocks of a level, when equal seeds give equal blocks. */
  blocks(level: Level): number {
    let blocks = 0;
    for (const longest of this.#longest.values()) blocks += longest[level];
    return blocks;
  }

  /** Looks at the streams that the workers of an epoch get. */
  see(order: EpochOrder): void {
    const { rule } = this;
    if (rule.scope !== 'worker' && rule.scope !== 'persistent') return;
    const { samples, batches } = this.#shares;
    samples.forEach((share, worker) => {
      if (share === 0) return;
      const stream = nameOfStream(rule.start(order, worker));
      const known = this.#longest.get(stream);
      this.#longest.set(stream, {
        samples: Math.max(known?.samples ?? 0, share),
        batches: Math.max(known?.batches ?? 0, batches[worker]),
      });
    });
  }
}
