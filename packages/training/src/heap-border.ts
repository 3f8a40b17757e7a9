// Keeps the heap of JavaScript where it is over the steps of a run, instead of letting garbage pile up to a limit of V8's choice.
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Tensors that outlive two collections of young objects by chance are promoted, 40 KB a step, and V8 lets 30 to 80 MB of them lie
 * before it looks: resident memory grew by 15 % over 2,000 steps. Collecting this much takes 15 to 30 ms every 200 steps.
 */
const MOST_GROWTH_BYTES = 8 * 2 ** 20;
/** How often it is looked at, in batches. */
const LOOK_EVERY = 25;

const oldBytes = (): number =>
  getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0;

let collect: (() => void) | undefined;

/** V8's own full collection, which Node only shows when it is told to. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** To be called between batches; collects when the old objects of this process have grown enough since it last did. */
export function createHeapBorder(): () => void {
  let batches = 0;
  let settled: number | undefined;
  return () => {
    if (++batches % LOOK_EVERY !== 0) return;
    const bytes = oldBytes();
    settled ??= bytes;
    if (bytes - settled < MOST_GROWTH_BYTES) return;
    collect ??= collector();
    collect();
    settled = oldBytes();
  };
}
