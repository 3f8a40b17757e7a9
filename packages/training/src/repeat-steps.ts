// Training without a dataset: the steps of the real trainer on images of noise, over and over, for measurements of speed.
import { compileAugmentation } from '@reseed/augmentation';
import { createLoader } from '@reseed/dataloader';
import type { LabelledImages } from '@reseed/datasets';
import { type Condition, datasetTraits } from '@reseed/experiment';
import { Mt19937 } from '@reseed/rng';
import { createOptimizer } from './create-optimizer.ts';
import { buildNetwork, initialValues } from './network.ts';
import { settleDevice } from './settle-device.ts';
import { trainEpoch, type Training } from './train-epoch.ts';

const SEED = 0;
const CLASSES = 10;
/** Batches of an epoch, where that many images are not too large. */
const EPOCH_BATCHES = 32;
const MOST_BYTES = 2 ** 26;

/** Called before each step with the number of steps that are finished, on the device too. */
export type BetweenSteps = (finished: number) => Promise<'go' | 'stop'>;

class Stopped extends Error {}

/**
 * Steps as a run takes them: drawing the order, making the batch, attack, gradients, optimiser. An epoch's end, with its
 * loss and accuracy, falls into the time of the step before it. Freed when it ends.
 * @param condition its dataset gives the shape of the images; its numbers of epochs and images do not matter
 */
export async function repeatSteps(condition: Condition, betweenSteps: BetweenSteps): Promise<void> {
  const { batchSize, loader: loaderSpec, seedingMode } = condition;
  const { imageShape } = datasetTraits(condition.dataset);
  const model = buildNetwork(condition, { imageShape, classes: CLASSES });
  const bytes = imageShape.reduce((size, length) => size * length, batchSize);
  const sampleCount = batchSize * Math.min(EPOCH_BATCHES, Math.max(1, Math.floor(MOST_BYTES / bytes)));
  const facts = { classes: CLASSES, sampleCount };
  const augmentation = compileAugmentation(condition.augmentation, imageShape, facts);
  const draws = { sampleCount, batchSize, loader: loaderSpec, seedingMode, draws: augmentation };
  const optimizer = createOptimizer(condition.optimizer, model.parameterCount);
  let finished = 0;
  const training: Training = {
    condition,
    seed: SEED,
    model,
    source: { source: noise(sampleCount, bytes / batchSize), imageShape, classes: CLASSES, augmentation },
    loader: createLoader({ seed: SEED, ...draws }),
    optimizer,
    border: async () => {
      await settleDevice();
      if ((await betweenSteps(finished++)) === 'stop') throw new Stopped();
    },
  };
  let values = initialValues(model, SEED);
  try {
    for (let epoch = 0; ; epoch++) ({ values } = await trainEpoch(training, epoch, values));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    optimizer.dispose();
  }
}

/** `size` random bytes an image, and random classes. */
function noise(images: number, size: number): LabelledImages {
  const words = new Uint32Array(Math.ceil((images * size) / 4));
  const generator = new Mt19937(SEED);
  generator.fill(words);
  const labels = Uint8Array.from({ length: images }, () => generator.nextUint32() % CLASSES);
  return { images: new Uint8Array(words.buffer, 0, images * size), labels };
}
