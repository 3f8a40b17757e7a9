// Repeats a write that failed because Postgres was away, with growing pauses, as long as it can still matter.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@reseed/config';

const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 5000;
/** After this the lease is long gone and another worker has the run. */
const GIVE_UP_MILLISECONDS = 120_000;

/** @throws the last error when time is up or the signal aborts (a stopping worker tries for a second more) */
export async function keepTrying<T>(
  write: () => Promise<T>,
  options: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<T> {
  const started = performance.now();
  for (let wait = FIRST_PAUSE_MILLISECONDS; ; wait = Math.min(2 * wait, LONGEST_PAUSE_MILLISECONDS)) {
    try {
      return await write();
    } catch (error) {
      const limit = options.signal.aborted ? 1000 : GIVE_UP_MILLISECONDS;
      if (performance.now() - started + wait > limit) throw error;
      options.logger.warn({ err: error }, 'could not record; trying again');
      await pause(wait);
    }
  }
}
