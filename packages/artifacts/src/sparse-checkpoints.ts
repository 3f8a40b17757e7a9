// Checkpoints of every n-th epoch only, for models whose state takes longer to write than an epoch is worth.
import type { Checkpoints } from './open-checkpoints.ts';

/** @param every 3 keeps those after the third epoch, the sixth …; from 1 */
export function everyNthEpoch(checkpoints: Checkpoints, every: number): Checkpoints {
  return {
    newestFirst: () => checkpoints.newestFirst(),
    async keep(checkpoint) {
      if ((checkpoint.epoch + 1) % every === 0) await checkpoints.keep(checkpoint);
    },
  };
}
