// Asks a server again and again until it answers.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @param ask throws while the server is not ready
 * @param options.limitMs longest time of asking, in milliseconds
 * @param options.mayContinue looked at before each question; throws when there is no point in asking on
 * @throws what the last question threw
 */
export async function untilAnswers(
  ask: () => Promise<void>,
  options: { readonly limitMs: number; readonly mayContinue?: () => void },
): Promise<void> {
  const end = performance.now() + options.limitMs;
  // A server that starts is ready within tens of milliseconds; one that recovers, or starts elsewhere, in seconds.
  for (let pauseMs = 15; ; pauseMs = Math.min(pauseMs * 1.3, 250)) {
    options.mayContinue?.();
    try {
      await ask();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await sleep(pauseMs);
  }
}
