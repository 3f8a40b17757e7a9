// `reseed bench train`: training throughput of this machine, in images that went through a whole training step.
import { type EpochMetrics, readPath, resolveCondition, SPEC_VERSION } from '@reseed/experiment';
import { createTrainer, openBackend } from '@reseed/training';
import { askedNativeKernels } from './native-kernels.ts';

export interface TrainFigures {
  readonly imagesPerSecond: number;
  readonly imagesPerSecondEachEpoch: readonly number[];
  readonly model: string;
  readonly method: string;
  readonly steps: number;
  readonly batch: number;
  readonly backend: string;
  readonly backendClass: string;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Median over the epochs after the first, which compiles and warms up. Attack steps and the update are counted, evaluation is not. */
export async function benchTrain(options: {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly images: number;
  readonly epochs: number;
}): Promise<TrainFigures> {
  const { condition } = resolveCondition({
    ...options.parameters,
    epochs: options.epochs + 1,
    dataset: { name: 'mnist', trainSize: options.images, validationSize: 1, testSize: 1 },
    warmup: { epsilonFraction: 0 },
  });
  const backend = await openBackend({ device: options.device, native: askedNativeKernels() });
  const trainer = createTrainer({ backend });
  const epochs: EpochMetrics[] = [];
  const events = { audit: () => {}, epoch: (metrics: EpochMetrics) => void epochs.push(metrics) };
  await trainer.run({ specVersion: SPEC_VERSION, condition, seed: 0 }, events, new AbortController().signal);
  const rates = epochs.slice(1).map(({ seconds }) => options.images / seconds);
  const sorted = [...rates].sort((a, b) => a - b);
  return {
    imagesPerSecond: sorted[Math.floor(sorted.length / 2)] as number,
    imagesPerSecondEachEpoch: rates,
    model: condition.model,
    method: condition.method,
    steps: readPath(condition, 'attack.steps') as number,
    batch: condition.batchSize,
    backend: backend.name,
    backendClass: backend.backendClass,
    threads: backend.threads,
    versions: backend.versions,
  };
}
