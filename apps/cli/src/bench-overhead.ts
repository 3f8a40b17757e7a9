// `reseed bench overhead`: what a trainer spends on anything but training.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolveCondition, SPEC_VERSION } from '@reseed/experiment';
import { TrainerProcess, trainerEnvironment } from '@reseed/worker/trainer-process';
import { type BatchWaits, measureWaits } from './bench-batch-waits.ts';
import { type MemoryFigures, measureMemory } from './bench-memory.ts';
import { cloneRoot } from './clone-root.ts';

/** Runs that come before those that are measured: the compilers of both processes have seen them then. */
const WARM_UP_RUNS = 200;
const LOADS = 5;

export interface OverheadFigures {
  /** a spec sent to a warm trainer that computes nothing, until its result is there */
  readonly noopRun: { readonly runs: number; readonly medianMs: number; readonly p99Ms: number };
  /** each in a new process: all 70,000 images, of files that were never checked, and of files that are remembered */
  readonly mnist: { readonly uncheckedMs: readonly number[]; readonly checkedMs: readonly number[] };
  readonly batches: readonly BatchWaits[];
  readonly memory: MemoryFigures;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

async function measureNoopRun(runs: number): Promise<OverheadFigures['noopRun']> {
  const trainer = new TrainerProcess({ modulePath: join(cloneRoot, 'test/bench/idle-trainer.mjs'), arguments: [] });
  const { condition } = resolveCondition({});
  const events = { audit: () => {}, epoch: () => {} };
  const { signal } = new AbortController();
  try {
    const times: number[] = [];
    for (let run = -WARM_UP_RUNS; run < runs; run++) {
      const started = performance.now();
      const id = { runId: String(run), attempt: 1 };
      await trainer.run(id, { specVersion: SPEC_VERSION, condition, seed: run + WARM_UP_RUNS }, events, signal);
      if (run >= 0) times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    return { runs, medianMs: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
  } finally {
    await trainer.stop();
  }
}

async function measureMnist(): Promise<OverheadFigures['mnist']> {
  const folder = mkdtempSync(join(tmpdir(), 'reseed-bench-'));
  const load = async (memory: string) => {
    const program = [join(cloneRoot, 'test/bench/load-mnist.mjs'), join(folder, memory)];
    const { stdout } = await promisify(execFile)(process.execPath, program, { env: trainerEnvironment() });
    return Number(stdout);
  };
  try {
    const [uncheckedMs, checkedMs]: number[][] = [[], []];
    for (let i = 0; i < LOADS; i++) {
      uncheckedMs.push(await load(`checks-${i}.json`));
      checkedMs.push(await load('checks-0.json'));
    }
    return { uncheckedMs, checkedMs };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Memory comes first, as what the other measurements leave behind would be in it. */
export async function benchOverhead(options: {
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly runs: number;
  readonly steps: number;
}): Promise<OverheadFigures> {
  const { device, runs, steps } = options;
  const memory = await measureMemory({ device, steps });
  const batches = await measureWaits({ device });
  return { noopRun: await measureNoopRun(runs), mnist: await measureMnist(), batches, memory };
}
