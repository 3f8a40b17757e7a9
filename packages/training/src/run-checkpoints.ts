// Where the checkpoints of one run are kept; who keeps them, and where, is the caller's business.

export interface StoredCheckpoint {
  /** The last epoch that it holds, from 0. */
  readonly epoch: number;
  readonly body: Uint8Array;
}

export interface RunCheckpoints {
  /** One is wanted after every so many epochs; after each unless given. */
  readonly every?: number;
  /** Those that are whole and of this very run, the newest first. */
  newestFirst(): AsyncIterable<StoredCheckpoint>;
  /** Keeps the state after an epoch; a process that dies meanwhile leaves the earlier ones as they are. */
  keep(checkpoint: StoredCheckpoint): Promise<void>;
}
