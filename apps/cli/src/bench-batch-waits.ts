// How much of an epoch's time training waits for its batches: the emulated loader, augmentation and scaling.
import { type ModelName, resolveCondition, SPEC_VERSION } from '@reseed/experiment';
import { createTrainer, openBackend, type Preparation } from '@reseed/training';
import { backendRequest } from './backend-request.ts';

/** The usual one, and as much as papers pile up: a policy between crops and squares. */
const AUGMENTATIONS = [['pad_crop_flip'], ['pad_crop_flip', 'auto_augment', 'cutout']] as const;

interface Setting {
  readonly model: ModelName;
  readonly method: 'pgd' | 'fgsm';
  /** of 128 images, in an epoch */
  readonly batches: number;
}

/** FGSM on the smallest model leaves the least time in which to prepare a batch. */
const SETTINGS: readonly Setting[] = [
  { model: 'tiny-cnn', method: 'fgsm', batches: 50 },
  { model: 'tiny-cnn', method: 'pgd', batches: 30 },
  { model: 'madry-cnn', method: 'pgd', batches: 2 },
];
const BATCH = 128;
/** The first compiles, and waits for the thread to start. */
const EPOCHS = 4;

export interface BatchWaits extends Omit<Setting, 'batches'> {
  readonly augmentation: string;
  /** `in_turn`: all of the preparation is waited for */
  readonly preparation: Preparation;
  readonly imagesPerSecond: number;
  /** median over epochs, of the time in which the epoch trained */
  readonly waitPercent: number;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

/** PGD-10 or FGSM on MNIST, batch 128. */
export async function measureWaits(options: { readonly device: 'auto' | 'cpu' | 'gpu' }): Promise<BatchWaits[]> {
  const backend = await openBackend(backendRequest(options.device));
  const found: BatchWaits[] = [];
  for (const preparation of ['in_turn', 'ahead'] as const) {
    const trainer = createTrainer({ backend, preparation });
    for (const { model, method, batches } of SETTINGS) {
      for (const augmentation of AUGMENTATIONS) {
        const { condition } = resolveCondition({
          model,
          method,
          augmentation,
          batchSize: BATCH,
          epochs: EPOCHS,
          ...(method === 'pgd' ? { attack: { steps: 10 } } : {}),
          evaluation: { every: EPOCHS },
          dataset: { name: 'mnist', trainSize: batches * BATCH, validationSize: 1, testSize: 1 },
        });
        const paces: { readonly seconds: number; readonly waitSeconds: number }[] = [];
        const pace = (_: number, of: (typeof paces)[number]) => void paces.push(of);
        const events = { audit: () => {}, epoch: () => {}, pace };
        await trainer.run({ specVersion: SPEC_VERSION, condition, seed: 0 }, events);
        const counted = paces.slice(1);
        found.push({
          model,
          method,
          augmentation: augmentation.join(' + '),
          preparation,
          imagesPerSecond: (batches * BATCH) / median(counted.map(({ seconds }) => seconds)),
          waitPercent: median(counted.map(({ seconds, waitSeconds }) => (100 * waitSeconds) / seconds)),
        });
      }
    }
  }
  return found;
}
