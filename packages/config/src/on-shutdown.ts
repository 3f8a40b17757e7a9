// Graceful shutdown: on a signal or an uncaught error, closes what is open, step by step, then ends the process.
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';

/**
 * One Ctrl-C reaches a process twice when npm started it: from the terminal and, a moment later, from npm. A repeat
 * within this many milliseconds is that echo; a later one is a person in a hurry.
 */
const ECHO_MS = 1000;

export interface ShutdownStep {
  readonly name: string;
  readonly close: () => unknown;
}

/**
 * Runs the steps in their order when the process gets SIGINT, SIGTERM or another ending signal, throws where nobody
 * catches, or has nothing left to do. A step that fails is logged and does not keep later ones from closing. The
 * process then exits: 0 after a signal, 1 after an error, a failed step or when `limitMs` ran out. A second signal
 * ends it at once. Whatever else asks for the end while it is closing, no step runs twice.
 *
 * @param options.limitMs longest time for all steps together; default 10,000
 * @returns `shutDown` does the same without a signal; `cancel` takes the handlers away again
 */
export function onShutdown(options: {
  readonly logger: Logger;
  readonly steps: readonly ShutdownStep[];
  readonly limitMs?: number;
}): { shutDown(): void; cancel(): void } {
  const { logger, steps } = options;
  let closing = false;
  let interrupted: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  // SIGINT and SIGTERM are taken here: close-with-grace exits on their echo in the middle of closing.
  const settings = { delay: options.limitMs ?? 10_000, logger, skip: ['SIGINT' as const, 'SIGTERM' as const] };
  const handlers = closeWithGrace(settings, async ({ signal = interrupted?.signal, err }) => {
    closing = true;
    if (err) logger.error({ err }, 'Shutting down after an error');
    else logger.info({ signal }, 'Shutting down');
    const failed: string[] = [];
    for (const { name, close } of steps) {
      try {
        await close();
      } catch (error) {
        failed.push(name);
        logger.error({ err: error, step: name }, 'A shutdown step failed');
      }
    }
    if (failed.length > 0) throw new ShutdownError(failed);
  });

  const shutDown = () => {
    if (!closing) handlers.close();
  };
  const interrupt = (signal: NodeJS.Signals) => {
    if (interrupted === undefined) {
      interrupted = { signal, at: performance.now() };
      shutDown();
    } else if (performance.now() - interrupted.at > ECHO_MS) {
      logger.error({ signal }, 'Second signal: ending at once');
      process.exit(1);
    }
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return {
    shutDown,
    cancel: () => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      handlers.uninstall();
    },
  };
}

/** Some steps of a shutdown failed; the others were carried out. */
export class ShutdownError extends Error {
  override readonly name = 'ShutdownError';
  readonly steps: readonly string[];

  constructor(steps: readonly string[]) {
    super(`Could not close ${steps.join(', ')}.`);
    this.steps = steps;
  }
}
