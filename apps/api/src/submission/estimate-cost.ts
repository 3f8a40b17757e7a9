// Estimates what a grid costs before it runs, in passes of one image through a network and back.
import { type Condition, FINAL_EPOCHS, trainingPasses } from '@reseed/experiment';
import { suitePasses } from './suite-passes.ts';

/** Passes of one image in one evaluation: clean, then every restart's steps and its last iterate. */
function evaluationPasses({ evaluation }: Condition): number {
  return 1 + evaluation.restarts * (evaluation.steps + 1);
}

/** Epochs 1…E that are validated: every n-th, and the last. */
function validatedEpochs({ epochs, evaluation }: Condition): number {
  return Math.floor(epochs / evaluation.every) + (epochs % evaluation.every === 0 ? 0 : 1);
}

/**
 * Image passes of one run of a condition that trains all its epochs: training, validation, the test images after each of
 * the last epochs and once for the best weights, as many training images for robustGap, all that again for averaged
 * weights, and the suite, at most.
 */
export function imagePassesOfRun(condition: Condition): number {
  const { dataset, epochs, batchSize, loader, averaging } = condition;
  const samples = dataset.trainSize * loader.batchRepeat;
  const images = loader.dropLast ? Math.floor(samples / batchSize) * batchSize : samples;
  const training = epochs * images * trainingPasses(condition);
  const tests = (Math.min(FINAL_EPOCHS, epochs) + 1) * dataset.testSize;
  const gap = Math.min(dataset.testSize, dataset.trainSize);
  const evaluated = validatedEpochs(condition) * dataset.validationSize + tests + gap;
  const tracks = averaging.decay > 0 ? 2 : 1;
  return training + tracks * evaluated * evaluationPasses(condition) + dataset.testSize * suitePasses(condition);
}

export interface Estimate {
  readonly imagePasses: number;
  /** Wall time on the workers that live now; null when a model has no finished run to go by, or no worker lives. */
  readonly seconds: number | null;
}

/**
 * @param options.speeds mean imagePassesPerSecond of finished runs, by model
 * @param options.workers live workers
 */
export function estimateCost(
  conditions: readonly Condition[],
  seeds: number,
  options: { readonly speeds: ReadonlyMap<string, number>; readonly workers: number },
): Estimate {
  const perModel = new Map<string, number>();
  for (const condition of conditions)
    perModel.set(condition.model, (perModel.get(condition.model) ?? 0) + seeds * imagePassesOfRun(condition));
  const imagePasses = [...perModel.values()].reduce((sum, passes) => sum + passes, 0);
  let seconds = 0;
  for (const [model, passes] of perModel) seconds += passes / ((options.speeds.get(model) ?? 0) * options.workers);
  return { imagePasses, seconds: Number.isFinite(seconds) ? seconds : null };
}
