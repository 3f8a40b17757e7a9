// `reseed bench side-by-side`: the throughput of several training processes at once against that of one alone.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BenchWork } from './bench-condition.ts';
import type { StreamOrder, StreamReport } from './bench-stream.ts';
import type { BackendChoice } from './bench-train.ts';
import { cloneRoot } from './clone-root.ts';
import { measureBoth, type Order, orderOf, type RatioSummary, summariseRatios } from './rounds.ts';

export interface SideBySideOptions extends BenchWork, BackendChoice {
  /** Of each process. */
  readonly threads: number;
  readonly streams: number;
  readonly rounds: number;
  readonly warmup: number;
  /** How long the processes run after the word go, in seconds. */
  readonly seconds: number;
}

export interface SideBySideRound {
  readonly order: Order;
  /** Images per second of one process alone, and of all together. */
  readonly alone: number;
  readonly together: number;
  readonly scaling: number;
}

export interface SideBySideFigures extends BenchWork {
  /** `together` over `alone`; `streams` would be perfect. */
  readonly scaling: RatioSummary;
  readonly streams: number;
  readonly threads: number;
  readonly backendClass: string;
  readonly rounds: readonly SideBySideRound[];
}

/** A process that ended before it had reported. */
export class StreamEndedError extends Error {
  override readonly name = 'StreamEndedError';
  constructor(readonly code: number | null) {
    super(`a process of the benchmark ended early with exit code ${code}; its message is above`);
  }
}

/** Too little to measure in the time that every process was running. */
export class ShortWindowError extends RangeError {
  override readonly name = 'ShortWindowError';
  constructor(readonly steps: number) {
    super(`--seconds: a process finished ${steps} step(s) in the time measured, at least 2 are needed; give it more`);
  }
}

/** @throws StreamEndedError, ShortWindowError */
export async function benchSideBySide(
  options: SideBySideOptions,
  report: (line: string) => void,
): Promise<SideBySideFigures> {
  const { model, method, steps, batch, streams, threads } = options;
  const rounds: SideBySideRound[] = [];
  let backendClass = '';
  const rateOf = async (count: number) => {
    const run = await runStreams(options, count);
    backendClass = run.backendClass;
    return batch * stepsPerSecond(run.times);
  };
  for (let round = 0; round < options.rounds; round++) {
    const [alone, together] = await measureBoth(
      round,
      () => rateOf(1),
      () => rateOf(streams),
    );
    rounds.push({ order: orderOf(round), alone, together, scaling: together / alone });
    report(
      `round ${round + 1}: alone ${alone.toFixed(1)} images/s, ${streams} side by side ${together.toFixed(1)}; ` +
        `${(together / alone).toFixed(3)} times`,
    );
  }
  const scaling = summariseRatios(rounds.map((round) => round.scaling));
  return { model, method, steps, batch, scaling, streams, threads, backendClass, rounds };
}

/**
 * Steps per second of all processes together in the time in which every one of them was stepping; a step that lies in it
 * in part counts in part.
 * @param times of each process: its start and the end of each of its steps, in milliseconds on one clock
 * @throws ShortWindowError
 */
export function stepsPerSecond(times: readonly (readonly number[])[]): number {
  const first = Math.max(...times.map((ends) => ends[0] as number));
  const last = Math.min(...times.map((ends) => ends.at(-1) as number));
  const inside = times.map((ends) =>
    ends.slice(1).reduce((sum, end, i) => {
      const start = ends[i] as number;
      return sum + Math.max(0, Math.min(end, last) - Math.max(start, first)) / (end - start);
    }, 0),
  );
  const fewest = Math.min(...inside);
  if (fewest < 2) throw new ShortWindowError(Math.floor(fewest));
  return (1000 * inside.reduce((sum, steps) => sum + steps, 0)) / (last - first);
}

/** Starts `count` processes, waits until all have warmed up, lets them go together. */
async function runStreams(options: SideBySideOptions, count: number) {
  const processes = Array.from({ length: count }, () => startStream(options));
  try {
    const ready = await Promise.all(processes.map(({ next }) => next('ready')));
    const give = (order: StreamOrder) => processes.forEach(({ child }) => child.send(order));
    give('go');
    await pause(1000 * options.seconds);
    const done = Promise.all(processes.map(({ next }) => next('times')));
    give('stop');
    const times = (await done).map((message) => message.times);
    return { times, backendClass: ready[0]?.backendClass ?? '' };
  } finally {
    for (const { child } of processes) child.kill();
  }
}

interface Stream {
  readonly child: ChildProcess;
  /** Its next report. @throws StreamEndedError */
  next<Type extends StreamReport['type']>(type: Type): Promise<Extract<StreamReport, { type: Type }>>;
}

function startStream({ model, method, steps, batch, backend, threads, warmup }: SideBySideOptions): Stream {
  const flags = { model, method, steps, batch, backend, threads, warmup };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = fork(join(cloneRoot, 'apps/cli/bin/reseed.mjs'), ['bench', 'stream', ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    child,
    next: (type) =>
      new Promise((resolve, reject) => {
        const ended = () => reject(new StreamEndedError(child.exitCode));
        if (child.exitCode !== null) ended();
        child.once('exit', ended);
        child.once('error', reject);
        child.on('message', (message: StreamReport) => {
          if (message.type !== type) return;
          child.off('exit', ended);
          resolve(message as Extract<StreamReport, { type: typeof type }>);
        });
      }),
  };
}
