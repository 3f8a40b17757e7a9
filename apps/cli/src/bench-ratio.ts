// `reseed bench ratio`: our training steps and those of the PyTorch twin alternately, each in a fresh process.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModelName } from '@reseed/experiment';
import type { BenchTrainOptions, TrainFigures } from './bench-train.ts';
import { cloneRoot } from './clone-root.ts';
import { measureBoth, type Order, orderOf, type RatioSummary, summariseRatios } from './rounds.ts';

const COMMAND = join(cloneRoot, 'apps/cli/bin/reseed.mjs');
const TWIN = join(cloneRoot, 'test/bench/torch-twin.py');
/** Those that the twin is written for. */
export const TWIN_MODELS = ['madry-cnn', 'preactresnet-18', 'tiny-cnn'] as const satisfies readonly ModelName[];

/** A process of a benchmark that did not end well. */
export class BenchProcessError extends Error {
  override readonly name = 'BenchProcessError';
  constructor(
    readonly command: string,
    readonly reason: string,
  ) {
    super(`${command}: ${reason}`);
  }
}

/** A backend that the twin, which computes on the CPU, is no match for. */
export class UnequalDevicesError extends Error {
  override readonly name = 'UnequalDevicesError';
  constructor(readonly backend: string) {
    super(`--backend: PyTorch is measured on the CPU, but "${backend}" computes on a GPU; name a CPU backend`);
  }
}

export interface BenchRatioOptions extends BenchTrainOptions {
  readonly threads: number;
  readonly rounds: number;
  /** A Python that can import torch. */
  readonly python: string;
}

/** What the twin says in its own words: the fields of ours that both have, and the memory layout it chose. */
export interface TwinFigures extends Omit<TrainFigures, 'device' | 'deviceClass'> {
  readonly layout: string;
  readonly parallelInfo: readonly string[];
}

export interface RatioRound {
  readonly order: Order;
  readonly ours: TrainFigures;
  readonly pytorch: TwinFigures;
  /** Our images per second over those of PyTorch. */
  readonly ratio: number;
}

export interface RatioFigures {
  readonly ratio: RatioSummary;
  readonly rounds: readonly RatioRound[];
}

/** @throws BenchProcessError when either side fails, before the first round where PyTorch is missing; UnequalDevicesError */
export async function benchRatio(options: BenchRatioOptions, report: (line: string) => void): Promise<RatioFigures> {
  const twin = (extra: readonly string[]) => runForJson(options.python, [TWIN, ...workFlags(options), ...extra]);
  const { versions, backendClass } = (await twin(['--describe'])) as Pick<TwinFigures, 'versions' | 'backendClass'>;
  report(`PyTorch ${versions['torch']} of Python ${versions['python']} (${backendClass})`);
  const rounds: RatioRound[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const [ours, pytorch] = await measureBoth(
      round,
      async () => {
        const flags = ['bench', 'train', ...workFlags(options), '--backend', options.backend];
        const figures = (await runForJson(process.execPath, [COMMAND, ...flags])) as TrainFigures;
        if (figures.deviceClass !== 'cpu') throw new UnequalDevicesError(figures.backend);
        return figures;
      },
      async () => (await twin([])) as TwinFigures,
    );
    const ratio = ours.imagesPerSecond / pytorch.imagesPerSecond;
    rounds.push({ order: orderOf(round), ours, pytorch, ratio });
    report(describeRound(round, rounds[round] as RatioRound));
  }
  return { ratio: summariseRatios(rounds.map(({ ratio }) => ratio)), rounds };
}

/** The flags that `reseed bench train` and the twin share. */
function workFlags(options: BenchRatioOptions): string[] {
  const { model, method, steps, batch, threads, batches, warmup } = options;
  const flags = { model, method, steps, batch, threads, batches, warmup };
  return [...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]), '--json'];
}

async function runForJson(command: string, args: readonly string[]): Promise<unknown> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 2 ** 24 });
    return JSON.parse(stdout);
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    const said = stderr?.trim();
    if (code === 'ENOENT') throw new BenchProcessError(command, 'there is no such program; --python PATH names one');
    throw new BenchProcessError([command, ...args.slice(0, 1)].join(' '), said || String(error));
  }
}

function describeRound(round: number, { order, ours, pytorch, ratio }: RatioRound): string {
  const side = (name: string, { imagesPerSecond, shareOfMatrixProduct }: TwinFigures | TrainFigures) =>
    `${name} ${imagesPerSecond.toFixed(1).padStart(8)} images/s (${Math.round(100 * shareOfMatrixProduct)} % of its matrix product)`;
  const sides = [side('ours', ours), side('PyTorch', pytorch)];
  if (order === 'second_then_first') sides.reverse();
  return `round ${round + 1}: ${sides.join(', ')}; ratio ${ratio.toFixed(3)}`;
}
