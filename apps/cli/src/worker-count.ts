// How many workers this machine carries.
import { availableParallelism, totalmem } from 'node:os';

const BYTES_PER_WORKER = 1.5 * 2 ** 30;

/** One worker per core, as long as memory carries them. */
export function workersThisMachineCarries(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / BYTES_PER_WORKER)));
}
