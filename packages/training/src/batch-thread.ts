// Entry of the thread that prepares batches: one recipe per port, one batch for each time that one is asked for.
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { FromBatchThread, PreparedBatch } from './batch-feed.ts';
import { type BatchRecipe, openRecipe } from './batch-recipe.ts';
import { prepareBatch } from './prepare-batch.ts';

export interface ThreadOrder {
  readonly recipe: BatchRecipe;
  /** the first that is asked for; all until `epochs` follow, without a pause between two */
  readonly firstEpoch: number;
  readonly epochs: number;
  /** how many batches are prepared before one is asked for */
  readonly ahead: number;
  readonly port: MessagePort;
}

function* batchesOf({ recipe, firstEpoch, epochs }: ThreadOrder): Generator<PreparedBatch, undefined> {
  const { source, loader } = openRecipe(recipe);
  for (let epoch = firstEpoch; epoch < epochs; epoch++) {
    for (const drawn of loader.epoch(epoch)) yield { epoch, batch: drawn.batch, ...prepareBatch(source, drawn) };
  }
  return undefined;
}

function serve(order: ThreadOrder): void {
  const { port, ahead } = order;
  const batches = batchesOf(order);
  const sendNext = () => {
    try {
      const { value } = batches.next();
      if (value !== undefined)
        port.postMessage(value satisfies FromBatchThread, [value.pixels.buffer, value.labels.buffer]);
    } catch (error) {
      const failed = error instanceof Error ? error : new Error(String(error));
      port.postMessage({ failed } satisfies FromBatchThread);
    }
  };
  port.on('message', sendNext);
  for (let i = 0; i < ahead; i++) sendNext();
}

parentPort?.on('message', serve);
