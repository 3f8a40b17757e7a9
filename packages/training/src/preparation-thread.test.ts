// The thread that prepares batches: the bits of batches prepared in their turn, every epoch, several runs at once, every end.
import { resolveCondition, type SeedingMode } from '@reseed/experiment';
import { afterAll, describe, expect, it } from 'vitest';
import { BatchThreadError, preparedInTurn, type PreparedBatch } from './batch-feed.ts';
import { type BatchRecipe, openRecipe } from './batch-recipe.ts';
import type { Given } from './recorded-run.ts';
import { PreparationThread } from './preparation-thread.ts';

const thread = new PreparationThread();
afterAll(() => thread.stop());

const SIZE = 8 * 8 * 3;
const EPOCHS = 3;
/** 50 images of 8 × 8 × 3 pixels, of which a run trains on 41 in another order, in batches of 10. */
const train = {
  images: Uint8Array.from({ length: 50 * SIZE }, (_, i) => (i * 2654435761) >>> 24),
  labels: Uint8Array.from({ length: 41 }, (_, i) => i % 4),
  indices: Int32Array.from({ length: 41 }, (_, i) => (i * 7 + 3) % 50),
};

function recipeFor(given: Given, seed = 5): BatchRecipe {
  const { condition } = resolveCondition({ batchSize: 10, ...given });
  return { seed, condition, train, imageShape: [8, 8, 3], classes: 4 };
}

function planOf(recipe: BatchRecipe, firstEpoch = 0) {
  const { batchesPerEpoch } = openRecipe(recipe).loader;
  return { recipe, firstEpoch, epochs: EPOCHS, batchesPerEpoch };
}

const copyOf = ({ epoch, batch, pixels, labels }: PreparedBatch) => ({
  epoch,
  batch,
  pixels: Buffer.from(pixels.buffer).toString('base64'),
  labels: [...labels],
});

async function collect(feed: ReturnType<PreparationThread['open']>, firstEpoch = 0) {
  const found: ReturnType<typeof copyOf>[] = [];
  for (let epoch = firstEpoch; epoch < EPOCHS; epoch++)
    for await (const batch of feed.epoch(epoch)) found.push(copyOf(batch));
  feed.close();
  return found;
}

function inTurn(recipe: BatchRecipe, firstEpoch = 0) {
  const { source, loader } = openRecipe(recipe);
  return collect(preparedInTurn(source, loader), firstEpoch);
}

describe('batches of the thread are those prepared in their turn', () => {
  it.each<[string, SeedingMode, Given]>([
    ['nothing drawn', 'modern', {}],
    ['crops', 'inherited', { augmentation: 'pad_crop_flip' }],
    ['policies and squares', 'modern', { augmentation: ['pad_crop', 'auto_augment', 'cutout'] }],
    ['streams that outlive an epoch', 'modern_persistent', { augmentation: 'color_jitter' }],
    ['options chosen in the parent', 'main_precomputed', { augmentation: 'pad_crop_flip' }],
    ['partners among the images', 'per_sample', { augmentation: 'cutmix_sample' }],
    ['mixed batches', 'modern_persistent', { augmentation: ['hflip', 'mixup_batch'] }],
    ['draws per batch only', 'per_batch', { augmentation: 'ricap_batch' }],
    [
      'two copies of each image, no rest',
      'modern',
      { augmentation: 'idbh', loader: { batchRepeat: 2, dropLast: true } },
    ],
  ])('%s, %s, from any epoch on', async (_, seedingMode, given) => {
    const recipe = recipeFor({ ...given, seedingMode });
    for (let firstEpoch = 0; firstEpoch < EPOCHS; firstEpoch++) {
      const expected = await inTurn(recipe, firstEpoch);
      expect(expected.length).toBeGreaterThan(0);
      expect(await collect(thread.open(planOf(recipe, firstEpoch)), firstEpoch)).toEqual(expected);
    }
  });

  it('also of runs that take turns', async () => {
    const recipes = [1, 2, 3].map((seed) => recipeFor({ augmentation: 'pad_crop' }, seed));
    const together = await Promise.all(recipes.map((recipe) => collect(thread.open(planOf(recipe)))));
    expect(together).toEqual(await Promise.all(recipes.map((recipe) => inTurn(recipe))));
  });
});

describe('a feed', () => {
  const recipe = recipeFor({ augmentation: 'pad_crop' });
  const failureOf = (feed: ReturnType<PreparationThread['open']>, epoch = 0) =>
    (async () => {
      for await (const batch of feed.epoch(epoch)) expect(batch.epoch).toBe(epoch);
    })().catch((error: unknown) => error);

  it('that is closed amid an epoch leaves the next one as it is', async () => {
    const feed = thread.open(planOf(recipe));
    for await (const { batch } of feed.epoch(0)) if (batch === 1) break;
    feed.close();
    expect(await collect(thread.open(planOf(recipe)))).toEqual(await inTurn(recipe));
  });

  it('fails with the reason when its recipe cannot be followed', async () => {
    const condition = { ...recipe.condition, batchSize: 1000, loader: { ...recipe.condition.loader, dropLast: true } };
    const feed = thread.open({ ...planOf(recipe), recipe: { ...recipe, condition } });
    const error = await failureOf(feed);
    feed.close();
    expect(error).toBeInstanceOf(BatchThreadError);
    expect((error as BatchThreadError).cause).toBeInstanceOf(Error);
    expect((error as Error).message).toContain('1000');
  });

  it('that is asked for another epoch than the next one says so', async () => {
    const feed = thread.open(planOf(recipe));
    const error = await failureOf(feed, 1);
    feed.close();
    expect((error as Error).message).toContain('batch 0 of epoch 0 came where batch 0 of epoch 1 was due');
  });

  it('fails when the thread is gone, and the next one has a new thread', async () => {
    const feed = thread.open(planOf(recipe));
    const failed = failureOf(feed)
      .then(() => failureOf(feed, 1))
      .then(() => failureOf(feed, 2));
    await thread.stop();
    const error = await failed;
    feed.close();
    expect(error).toBeInstanceOf(BatchThreadError);
    expect((error as BatchThreadError).reason).toContain('ended');
    expect(await collect(thread.open(planOf(recipe)))).toEqual(await inTurn(recipe));
  });
});
