// Remembers from which checkpoint a run goes on, for those who tell people.
import type { Checkpoints } from './open-checkpoints.ts';

/**
 * @returns `checkpoints` as they are, and `resumedAfter`: the epoch of the checkpoint that was taken (the last one asked
 * for), from 0; undefined when there was none, or none that was good enough for whoever asked
 */
export function rememberResume(checkpoints: Checkpoints): {
  readonly checkpoints: Checkpoints;
  readonly resumedAfter: () => number | undefined;
} {
  let offered: number | undefined;
  return {
    checkpoints: {
      keep: (checkpoint) => checkpoints.keep(checkpoint),
      async *newestFirst() {
        for await (const checkpoint of checkpoints.newestFirst()) {
          offered = checkpoint.epoch;
          yield checkpoint;
        }
        // Asked for one more and there was none.
        offered = undefined;
      },
    },
    resumedAfter: () => offered,
  };
}
