// `reseed up`: services, API and workers until Ctrl-C.
import { type Config, createLogger, stateHome } from '@reseed/config';
import { cloneRoot } from './clone-root.ts';
import { startStack } from './stack.ts';
import { claimStack } from './stack-record.ts';

/** For `claimStack`: why nothing happens. */
export const tellOfStart = (pid: number): void =>
  console.error(`Process ${pid} is starting this clone's stack; waiting for it …`);

/** @returns the exit code */
export async function runUp(options: {
  readonly config: Config;
  readonly workers: number;
  readonly device: string;
  readonly drainSeconds: number;
  readonly keepLast: number;
  readonly checkpointEvery: number;
}): Promise<number> {
  const { config } = options;
  const home = stateHome({ root: cloneRoot, env: config });
  const existing = await claimStack(home, { onWait: tellOfStart });
  if (existing !== undefined) {
    console.error(`Process ${existing.pid} already runs this clone's stack at ${existing.url}.`);
    return 1;
  }
  const ended = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve());
  });
  const logger = createLogger({ name: 'up', level: config.LOG_LEVEL, destination: 'stderr' });
  const { keepLast, checkpointEvery } = options;
  const workerArguments = ['--keep-last', String(keepLast), '--checkpoint-every', String(checkpointEvery)];
  const stack = await startStack({ home, ...options, workerArguments, logger });
  console.log(
    `API ${stack.url}  docs ${stack.url}/docs  queues ${stack.url}/queues  logs ${home}/logs\nCtrl-C stops everything.`,
  );
  await ended;
  console.log('Stopping …');
  await stack.stop();
  return 0;
}
