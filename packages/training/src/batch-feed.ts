// Where training gets its batches from: prepared when they are asked for, or ahead of time by the thread beside it.
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { BatchLoader } from './batch-recipe.ts';
import { type BatchPixels, type BatchSource, prepareBatch } from './prepare-batch.ts';

export interface PreparedBatch extends BatchPixels {
  readonly epoch: number;
  readonly batch: number;
}

export interface BatchFeed {
  /** The batches of an epoch, in order. Of a feed from a thread the epochs can be asked for in their order only. */
  epoch(epoch: number): Iterable<PreparedBatch> | AsyncIterable<PreparedBatch>;
  close(): void;
}

/** What the thread sends: a batch, or why there will be none. */
export type FromBatchThread = PreparedBatch | { readonly failed: Error };

/** The thread that prepares batches failed, or is gone. */
export class BatchThreadError extends Error {
  override readonly name = 'BatchThreadError';
  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`no batch could be prepared: ${reason}`, options);
  }
}

/** The same batches; `waited` is told how many milliseconds each was waited for. */
export async function* timeWaits(
  batches: ReturnType<BatchFeed['epoch']>,
  waited: (milliseconds: number) => void,
): AsyncGenerator<PreparedBatch> {
  let asked = performance.now();
  for await (const batch of batches) {
    waited(performance.now() - asked);
    yield batch;
    asked = performance.now();
  }
}

/** On a device that computes by itself, a batch is prepared while it still works off the one before, which nobody waits for. */
export function preparedInTurn(source: BatchSource, loader: BatchLoader): BatchFeed {
  return {
    *epoch(epoch) {
      for (const drawn of loader.epoch(epoch)) {
        yield { epoch, batch: drawn.batch, ...prepareBatch(source, drawn) };
      }
    },
    close: () => {},
  };
}

/**
 * Batches that the other end of `port` prepares. One more is asked for when one is taken, so as many stay ahead as were asked
 * for at the beginning. They follow from the recipe alone: nothing of what is ahead belongs into a checkpoint.
 * @param gone is aborted, with the reason, when the thread ends
 */
export function preparedAhead(port: MessagePort, batchesPerEpoch: number, gone: AbortSignal): BatchFeed {
  const arrived: FromBatchThread[] = [];
  let wake = () => {};
  // A port that was listened to once drops what comes while nobody does, so this listener stays; it also keeps the process up.
  port.on('message', (message: FromBatchThread) => {
    arrived.push(message);
    wake();
  });
  const lost = () => wake();
  gone.addEventListener('abort', lost);

  const receive = async (): Promise<FromBatchThread> => {
    for (;;) {
      // What is there is taken without a turn of the event loop, and that is the rule: kernels keep the loop busy.
      const next = arrived.shift() ?? (receiveMessageOnPort(port)?.message as FromBatchThread | undefined);
      if (next !== undefined) return next;
      if (gone.aborted) throw new BatchThreadError(String(gone.reason));
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    async *epoch(epoch) {
      for (let batch = 0; batch < batchesPerEpoch; batch++) {
        const prepared = await receive();
        if ('failed' in prepared) throw new BatchThreadError(prepared.failed.message, { cause: prepared.failed });
        if (prepared.epoch !== epoch || prepared.batch !== batch) {
          const got = `batch ${prepared.batch} of epoch ${prepared.epoch}`;
          throw new BatchThreadError(`${got} came where batch ${batch} of epoch ${epoch} was due`);
        }
        port.postMessage('another');
        yield prepared;
      }
    },
    close() {
      gone.removeEventListener('abort', lost);
      port.close();
    },
  };
}
