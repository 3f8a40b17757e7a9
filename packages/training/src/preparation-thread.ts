// The thread beside the one that computes: prepares the batches of any number of runs, and lives as long as its trainer.
import { MessageChannel, Worker } from 'node:worker_threads';
import { type BatchFeed, preparedAhead } from './batch-feed.ts';
import type { BatchRecipe } from './batch-recipe.ts';
import type { ThreadOrder } from './batch-thread.ts';

/** One batch is ready while the next is made: more would only take memory, as one takes less time than a step. */
const AHEAD = 2;

function openThread(): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./batch-thread.js', import.meta.url), { execArgv: [] });
  // Tests run from source, which a thread has to learn to read first; `--import tsx` does nothing in a thread.
  const module = JSON.stringify(new URL('./batch-thread.ts', import.meta.url).href);
  const program = `import('tsx/esm/api').then(({ register }) => (register(), import(${module})));`;
  return new Worker(program, { eval: true, execArgv: ['--conditions=source'] });
}

export interface PlannedBatches {
  readonly recipe: BatchRecipe;
  readonly firstEpoch: number;
  readonly epochs: number;
  readonly batchesPerEpoch: number;
}

export class PreparationThread {
  #worker: Worker | undefined;
  #gone = new AbortController();

  /** Starts the thread unless it lives. */
  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = openThread();
    const gone = new AbortController();
    const lost = (reason: string) => {
      if (this.#worker === worker) this.#worker = undefined;
      gone.abort(reason);
    };
    worker.on('error', (error: unknown) => lost(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => lost(`the thread that prepares batches ended with exit code ${code}`));
    // The ports of open feeds keep the process up; a thread that nobody waits for must not.
    worker.unref();
    this.#worker = worker;
    this.#gone = gone;
    return worker;
  }

  /** The batches of the epochs from `firstEpoch` to the last, the first of them under way when this returns. */
  open({ recipe, firstEpoch, epochs, batchesPerEpoch }: PlannedBatches): BatchFeed {
    const worker = this.#start();
    const { port1, port2 } = new MessageChannel();
    const order: ThreadOrder = { recipe, firstEpoch, epochs, ahead: AHEAD, port: port2 };
    worker.postMessage(order, [port2]);
    return preparedAhead(port1, batchesPerEpoch, this.#gone.signal);
  }

  /** Ends the thread; feeds that are open fail, and the next one starts another. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }
}
