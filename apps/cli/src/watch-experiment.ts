// Follows an experiment until it ends: a live block in a terminal, a plain line now and then elsewhere.
import { setTimeout as pause } from 'node:timers/promises';
import type { ExperimentView } from '@reseed/api';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { type ApiClient, experimentPath } from './api-client.ts';

const POLL_MILLISECONDS = 500;
const PLAIN_LINE_MILLISECONDS = 5000;
const BAR_WIDTH = 30;

const percent = (fraction: number | null) => (fraction === null ? '–' : `${(100 * fraction).toFixed(1)} %`);

export function describeSeconds(seconds: number | null): string {
  if (seconds === null) return 'unknown';
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** What was found in the runs that are done and should be known before their numbers are read. */
function findings({ stopped, gatesFailed }: ExperimentView): string[] {
  return [
    ...(stopped > 0 ? [`${stopped} ended early`] : []),
    ...(gatesFailed > 0 ? [`${gatesFailed} failed a gate against masked gradients`] : []),
  ];
}

/** One line: `5/12 runs done, 2 running, 0 failed; best epoch so far …`. */
export function progressLine(view: ExperimentView): string {
  const { counts } = view;
  const parts = [`${counts.succeeded}/${view.runs} runs done`, `${counts.running} running`, `${counts.failed} failed`];
  if (counts.cancelled > 0) parts.push(`${counts.cancelled} cancelled`);
  parts.push(...findings(view));
  const epochs = view.progress.map(
    ({ epoch, epochs, robustSoFar }) =>
      `epoch ${epoch === null ? 0 : epoch + 1}/${epochs}, robust ${percent(robustSoFar)}`,
  );
  return `${parts.join(', ')}; ETA ${describeSeconds(view.etaSeconds)}${epochs.length === 0 ? '' : `; ${epochs.join(' | ')}`}`;
}

function liveBlock(view: ExperimentView): string {
  const { counts } = view;
  const epochShare = view.progress.reduce(
    (sum, { epoch, epochs }) => sum + (epoch === null ? 0 : (epoch + 1) / epochs),
    0,
  );
  const ended = counts.succeeded + counts.failed + counts.cancelled;
  const share = Math.min(1, (ended + epochShare) / view.runs);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = pc.green('█'.repeat(filled)) + pc.dim('░'.repeat(BAR_WIDTH - filled));
  const lines = [
    `${bar} ${Math.floor(100 * share)} %   ${pc.bold(String(counts.succeeded))} of ${view.runs} runs done, ${counts.running} running, ${counts.queued} queued, ${counts.failed > 0 ? pc.red(`${counts.failed} failed`) : '0 failed'}   ETA ${describeSeconds(view.etaSeconds)}`,
    ...findings(view).map((finding) => `  ${pc.yellow(finding)}`),
    ...view.progress.map(
      ({ label, seed, epoch, epochs, robustSoFar }) =>
        `  ${label} · seed ${seed} · epoch ${epoch === null ? 0 : epoch + 1}/${epochs} · robust so far ${percent(robustSoFar)}`,
    ),
  ];
  return lines.join('\n');
}

/** @returns the experiment as it stood when its last run ended, or undefined when the signal came first */
export async function watchExperiment(
  client: ApiClient,
  id: string,
  signal: AbortSignal,
): Promise<ExperimentView | undefined> {
  const live = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
  let lastLine = '';
  let lastAt = -Infinity;
  while (!signal.aborted) {
    const view = await client.call<ExperimentView>('GET', experimentPath(id));
    const finished = view.state === 'finished';
    if (live !== undefined) {
      live(liveBlock(view));
    } else {
      const line = progressLine(view);
      const due = performance.now() - lastAt >= PLAIN_LINE_MILLISECONDS;
      if (line !== lastLine && (due || finished)) {
        process.stderr.write(`${line}\n`);
        lastLine = line;
        lastAt = performance.now();
      }
    }
    if (finished) {
      live?.done();
      return view;
    }
    try {
      await pause(POLL_MILLISECONDS, undefined, { signal });
    } catch {
      break;
    }
  }
  live?.done();
  return undefined;
}
