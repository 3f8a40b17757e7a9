// Resident memory of this process over the steps of one run; trainers of workers have the malloc on huge pages besides.
import { resolveCondition, SPEC_VERSION } from '@reseed/experiment';
import { createTrainer, openBackend } from '@reseed/training';
import { backendRequest } from './backend-request.ts';

const SAMPLE_STEPS = 50;
const BATCH = 32;
/** Buffers, compiled code and the heap of JavaScript have found their size by then. */
const SETTLED_STEPS = 200;

export interface MemoryFigures {
  readonly model: string;
  readonly batch: number;
  readonly steps: number;
  /** resident memory after every 50 steps, in MB */
  readonly residentMegabytes: readonly number[];
  /**
   * By how many per cent the highest of the later half of the steps after the 200th is above that of the earlier half. The
   * garbage of JavaScript comes and goes in between, so two single values say little.
   */
  readonly growthPercent: number;
}

function growth(samples: readonly number[]): number {
  const settled = samples.slice(SETTLED_STEPS / SAMPLE_STEPS - 1);
  const half = Math.ceil(settled.length / 2);
  return 100 * (Math.max(...settled.slice(half)) / Math.max(...settled.slice(0, half)) - 1);
}

/** PGD-3 on tiny-cnn with crops: an epoch is 50 steps, after which memory is looked at. @param options.steps 50 and up */
export async function measureMemory(options: {
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly steps: number;
}): Promise<MemoryFigures> {
  const backend = await openBackend(backendRequest(options.device));
  const epochs = Math.floor(options.steps / SAMPLE_STEPS);
  const { condition } = resolveCondition({
    model: 'tiny-cnn',
    augmentation: 'pad_crop',
    attack: { epsilon: 0.1, steps: 3 },
    batchSize: BATCH,
    epochs,
    evaluation: { every: epochs },
    dataset: { name: 'mnist', trainSize: SAMPLE_STEPS * BATCH, validationSize: 1, testSize: 1 },
  });
  const residentMegabytes: number[] = [];
  const pace = () => void residentMegabytes.push(Math.round(process.memoryUsage.rss() / 1e5) / 10);
  const events = { audit: () => {}, epoch: () => {}, pace };
  await createTrainer({ backend }).run({ specVersion: SPEC_VERSION, condition, seed: 0 }, events);
  const steps = epochs * SAMPLE_STEPS;
  return { model: condition.model, batch: BATCH, steps, residentMegabytes, growthPercent: growth(residentMegabytes) };
}
