// `reseed bench train`: images per second through whole training steps, and how close that is to what the machine can do.
import { type BackendName, matrixProductRate, openBackend, repeatSteps, stepOperationsOf } from '@reseed/training';
import { backendRequest } from './backend-request.ts';
import { attackSteps, benchCondition, type BenchWork } from './bench-condition.ts';

export interface BackendChoice {
  readonly backend: BackendName | 'gpu';
  /** what the backend chooses unless given */
  readonly threads?: number;
}

export interface BenchTrainOptions extends BenchWork, BackendChoice {
  /** Training steps that count, after those that warm up. */
  readonly batches: number;
  readonly warmup: number;
}

/** Times in milliseconds, rates in 10⁹ operations per second. */
export interface TrainFigures extends BenchWork {
  /** At the median step; the attack and the update of the weights are in it, evaluation is not. */
  readonly imagesPerSecond: number;
  readonly imagesPerSecondMin: number;
  readonly imagesPerSecondMax: number;
  readonly stepMs: number;
  readonly batches: number;
  readonly warmup: number;
  /** See packages/training/src/step-operations.ts. */
  readonly flopsPerStep: number;
  readonly gflopsPerSecond: number;
  /** Of the same backend with the same threads, before or after the steps, whichever was faster. */
  readonly matrixProductGflopsPerSecond: number;
  readonly shareOfMatrixProduct: number;
  readonly backend: string;
  readonly backendClass: string;
  readonly device: string;
  readonly deviceClass: 'cpu' | 'gpu';
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** @throws BackendUnavailableError, BackendThreadsError, GpuUnavailableError */
export const openBenchBackend = ({ backend: name, threads }: BackendChoice) =>
  openBackend({
    ...backendRequest(name === 'gpu' ? 'gpu' : name === 'auto' ? 'auto' : 'cpu'),
    ...(name === 'gpu' || name === 'auto' ? {} : { backend: name }),
    threads,
  });

/** Nothing is read but the code: images and labels are noise. @throws as `openBenchBackend` */
export async function benchTrain(options: BenchTrainOptions): Promise<TrainFigures> {
  const { model, method, steps, batch, batches, warmup } = options;
  const condition = benchCondition(options);
  const backend = await openBenchBackend(options);
  const rateBefore = await matrixProductRate();
  const ends: number[] = [];
  await repeatSteps(condition, async (finished) => {
    if (finished >= warmup) ends.push(performance.now());
    return finished < warmup + batches ? 'go' : 'stop';
  });
  const milliseconds = ends.slice(1).map((end, i) => end - (ends[i] as number));
  const roof = Math.max(rateBefore, await matrixProductRate()) / 1e9;
  const stepMs = median(milliseconds);
  const flopsPerStep = stepOperationsOf(condition);
  const gflopsPerSecond = flopsPerStep / stepMs / 1e6;
  const rate = (ms: number) => (batch * 1000) / ms;
  const { name, backendClass, device, deviceClass, threads, versions } = backend;
  return {
    imagesPerSecond: rate(stepMs),
    imagesPerSecondMin: rate(Math.max(...milliseconds)),
    imagesPerSecondMax: rate(Math.min(...milliseconds)),
    stepMs,
    model,
    method,
    steps: attackSteps({ method, steps }),
    batch,
    batches,
    warmup,
    flopsPerStep,
    gflopsPerSecond,
    matrixProductGflopsPerSecond: roof,
    shareOfMatrixProduct: gflopsPerSecond / roof,
    backend: name,
    backendClass,
    device,
    deviceClass,
    threads,
    versions,
  };
}

/** The mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
}

/** Two lines: the speed, and the roofline. */
export function describeTrainFigures(figures: TrainFigures): string {
  const { model, method, steps, batch, batches, backendClass, threads } = figures;
  const number = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 4 });
  return [
    `${model}, ${method}${steps > 0 ? ` of ${steps} step(s)` : ''}, batch ${batch}, ${backendClass}, ${threads} thread(s): ` +
      `${number(figures.imagesPerSecond)} images/s (median of ${batches} steps; ` +
      `${number(figures.imagesPerSecondMin)} to ${number(figures.imagesPerSecondMax)}), ${number(figures.stepMs)} ms a step`,
    `roofline: ${number(figures.gflopsPerSecond)} GFLOP/s, ${Math.round(100 * figures.shareOfMatrixProduct)} % of the ` +
      `${number(figures.matrixProductGflopsPerSecond)} GFLOP/s of a large matrix product here`,
  ].join('\n');
}
