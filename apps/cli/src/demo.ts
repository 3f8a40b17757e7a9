// `reseed demo`: sets everything up, runs the ready-made study on real data, shows it live and prints the comparison.
import { type Config, createLogger, stateHome } from '@reseed/config';
import { stopServices } from '@reseed/embedded-services';
import { canonicalJson, readTemplate, sha256Hex } from '@reseed/experiment';
import type { SubmitAnswer } from '@reseed/api';
import pc from 'picocolors';
import { ApiClient } from './api-client.ts';
import { cloneRoot } from './clone-root.ts';
import { printAudit, printComparison } from './print-comparison.ts';
import { eraseHome, startStack } from './stack.ts';
import { claimStack } from './stack-record.ts';
import { tellOfStart } from './up.ts';
import { workersThisMachineCarries } from './worker-count.ts';
import { describeSeconds, watchExperiment } from './watch-experiment.ts';

const TEMPLATE = 'reassess-tiny';
/** Aborted by Ctrl-C or SIGTERM; a second Ctrl-C does not cut the clean-up short. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort());
  return controller.signal;
}

async function showStudy(client: ApiClient, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const grid = readTemplate(TEMPLATE);
  const answer = await client.call<SubmitAnswer>('POST', '/v1/experiments', {
    body: grid,
    headers: { 'idempotency-key': `demo-${sha256Hex(canonicalJson(grid)).slice(0, 32)}` },
  });
  console.log(
    `Study ${pc.bold(TEMPLATE)}: ${answer.conditions} conditions × ${answer.runs / answer.conditions} seeds = ${answer.runs} runs (${client.url}/v1/experiments/${answer.id})`,
  );
  const view = await watchExperiment(client, answer.id, signal);
  if (view === undefined) {
    console.log('Interrupted; the next `npm run demo` goes on from here.');
    return 0;
  }
  console.log(
    `\n${view.counts.succeeded} of ${view.runs} runs succeeded; watched for ${describeSeconds((performance.now() - started) / 1000)}.\n`,
  );
  await printAudit(client, answer.id);
  console.log('');
  await printComparison(client, answer.id);
  console.log(
    `\nAPI docs         ${client.url}/docs\nQueue dashboard  ${client.url}/queues\nThis experiment  ${client.url}/v1/experiments/${answer.id}/comparison`,
  );
  return view.counts.succeeded === view.runs ? 0 : 1;
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** @returns the exit code */
export async function runDemo(options: {
  readonly config: Config;
  readonly start: 'resume' | 'fresh';
  readonly workers?: number;
}): Promise<number> {
  const { config } = options;
  const home = stateHome({ root: cloneRoot, env: config });
  const key = config.RESEED_API_KEY;
  const signal = interruption();
  const existing = await claimStack(home, { onWait: tellOfStart });
  if (existing !== undefined) {
    if (options.start === 'fresh') {
      console.error(
        `Process ${existing.pid} is using this clone (${existing.url}). End it before starting over with --fresh.`,
      );
      return 1;
    }
    console.log(`Using the stack that process ${existing.pid} runs at ${existing.url}.`);
    return showStudy(new ApiClient({ url: existing.url, key }), signal);
  }
  if (options.start === 'fresh') {
    await stopServices({ home });
    eraseHome(home);
  }
  const logger = createLogger({
    name: 'demo',
    level: config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL,
    destination: 'stderr',
  });
  const workers = options.workers ?? workersThisMachineCarries();
  console.log(
    `Starting Postgres, Redis, the API and ${workers} worker${workers === 1 ? '' : 's'} (state and logs in ${home}) …`,
  );
  const stack = await startStack({ home, config, logger, workers, device: 'auto', drainSeconds: 0 });
  try {
    const exitCode = await showStudy(new ApiClient({ url: stack.url, key }), signal);
    if (process.stdout.isTTY && !signal.aborted) {
      console.log('\nEverything stays up until Ctrl-C.');
      await untilAborted(signal);
    }
    return exitCode;
  } finally {
    console.log('Stopping …');
    await stack.stop();
  }
}
