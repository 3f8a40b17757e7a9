// Gathers what a trainer reports and writes it in batches, so that a fast run does not cost one statement per epoch.
import type { EpochMetrics } from '@reseed/experiment';

export interface Progress {
  readonly epochs: readonly EpochMetrics[];
  readonly audit?: object;
}

/** Longest time a report waits before it is written; short enough for a live view. */
const FLUSH_MILLISECONDS = 250;

export class ProgressBuffer {
  #epochs: EpochMetrics[] = [];
  #audit: object | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  readonly #write: (progress: Progress) => Promise<void>;

  /** @param write is called with what has gathered, one call at a time; what it throws reaches `flush` */
  constructor(write: (progress: Progress) => Promise<void>) {
    this.#write = write;
  }

  addEpoch(metrics: EpochMetrics): void {
    this.#epochs.push(metrics);
    this.#schedule();
  }

  setAudit(audit: object): void {
    this.#audit = audit;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      // A failed write keeps its reports; `flush` at the end of the run tries again and tells.
      this.flush().catch(() => {});
    }, FLUSH_MILLISECONDS);
  }

  /** Writes everything reported so far; resolves at once when there is nothing. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const write = async () => {
      if (this.#epochs.length === 0 && this.#audit === undefined) return;
      const epochs = this.#epochs;
      const audit = this.#audit;
      this.#epochs = [];
      this.#audit = undefined;
      try {
        await this.#write({ epochs, ...(audit === undefined ? {} : { audit }) });
      } catch (error) {
        this.#epochs = [...epochs, ...this.#epochs];
        this.#audit ??= audit;
        throw error;
      }
    };
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }

  /** Drops what is not written: the attempt is no longer ours. */
  discard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#epochs = [];
    this.#audit = undefined;
  }
}
