// The pause between batches: training is synchronous work, and its process must still read messages and be stopped.
import { setImmediate } from 'node:timers/promises';
import { createHeapBorder } from './heap-border.ts';

/** How long tensors may keep the event loop busy before it gets a turn, in milliseconds. */
const LONGEST_BUSY_TIME = 50;

/** Called between any two batches; gives the event loop a turn when it is due. @throws AbortError once the signal is aborted. */
export type BatchBorder = () => Promise<void>;

export function createBatchBorder(signal: AbortSignal | undefined): BatchBorder {
  let lastTurn = performance.now();
  const tidyHeap = createHeapBorder();
  const stopIfAborted = () => {
    if (signal?.aborted === true) throw new DOMException('the run was stopped between two batches', 'AbortError');
  };
  return async () => {
    stopIfAborted();
    tidyHeap();
    if (performance.now() - lastTurn < LONGEST_BUSY_TIME) return;
    await setImmediate();
    lastTurn = performance.now();
    stopIfAborted();
  };
}
