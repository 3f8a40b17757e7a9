// Checkpoints that a run may lose without failing: it then goes on without any.
import type { Checkpoints } from './open-checkpoints.ts';

/**
 * @param onLost is told once, of the first error; nothing is kept after it
 * @returns `checkpoints`, except that nothing is thrown
 */
export function expendable(checkpoints: Checkpoints, onLost: (error: unknown) => void): Checkpoints {
  let lost = false;
  const lose = (error: unknown) => {
    if (!lost) onLost(error);
    lost = true;
  };
  return {
    async *newestFirst() {
      const source = checkpoints.newestFirst()[Symbol.asyncIterator]();
      for (;;) {
        const next = await source.next().catch(lose);
        if (next === undefined || next.done === true) return;
        yield next.value;
      }
    },
    async keep(checkpoint) {
      if (!lost) await checkpoints.keep(checkpoint).catch(lose);
    },
  };
}
