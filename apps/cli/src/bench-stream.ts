// `reseed bench stream`: one of the processes of `bench side-by-side`; steps from the word go to the word stop, with their times.
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { repeatSteps } from '@reseed/training';
import { benchCondition, type BenchWork } from './bench-condition.ts';
import { type BackendChoice, openBenchBackend } from './bench-train.ts';

export type StreamOrder = 'go' | 'stop';

export type StreamReport =
  | { readonly type: 'ready'; readonly backendClass: string }
  /** Milliseconds since 1970 at the word go and at the end of each step. */
  | { readonly type: 'times'; readonly times: readonly number[] };

/** Only for a process that was forked by `bench side-by-side`. */
export class NoParentError extends Error {
  override readonly name = 'NoParentError';
  constructor() {
    super('bench stream is a part of `reseed bench side-by-side`, which starts it');
  }
}

const now = () => performance.timeOrigin + performance.now();

/** @throws NoParentError, and as `openBenchBackend` */
export async function benchStream(options: BenchWork & BackendChoice & { readonly warmup: number }): Promise<void> {
  if (process.send === undefined) throw new NoParentError();
  const report = (message: StreamReport) => new Promise<void>((sent) => process.send?.(message, () => sent()));
  const { backendClass } = await openBenchBackend(options);
  const times: number[] = [];
  let stopped = false;
  await repeatSteps(benchCondition(options), async (finished) => {
    if (finished < options.warmup) return 'go';
    if (finished === options.warmup) {
      const go = once(process, 'message');
      await report({ type: 'ready', backendClass });
      await go;
      process.once('message', () => (stopped = true));
    }
    times.push(now());
    // Messages, and the end of the parent, are noticed between steps only: a step blocks the event loop.
    await setImmediate();
    return stopped || !process.connected ? 'stop' : 'go';
  });
  await report({ type: 'times', times });
}
