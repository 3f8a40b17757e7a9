// Planes become pixels, the fine label counts, and what is no CIFAR file is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CifarFormatError, DatasetError } from './errors.ts';
import { loadDataset } from './load-dataset.ts';
import { readCifar } from './read-cifar.ts';

const PLANE = 32 * 32;
/** A record whose red, green and blue planes count from 0, 100 and 200. */
const record = (...labels: number[]): number[] => [
  ...labels,
  ...[0, 100, 200].flatMap((first) => Array.from({ length: PLANE }, (_, i) => (first + i) % 256)),
];
const file = (...records: number[][]) => ({ bytes: Uint8Array.from(records.flat()), path: 'data_batch_1.bin' });

describe('readCifar', () => {
  it('puts the colours of a pixel side by side, rows first', () => {
    const { images, labels } = readCifar([file(record(3), record(9))], 10);
    expect([...labels]).toEqual([3, 9]);
    expect(images).toHaveLength(2 * 3 * PLANE);
    for (const start of [0, 3 * PLANE]) {
      expect([...images.subarray(start, start + 6)]).toEqual([0, 100, 200, 1, 101, 201]);
      const pixel = start + 3 * (5 * 32 + 7);
      const value = 5 * 32 + 7;
      expect([...images.subarray(pixel, pixel + 3)]).toEqual([value, value + 100, value + 200].map((v) => v % 256));
    }
  });

  it('takes the fine label of CIFAR-100', () => {
    expect([...readCifar([file(record(19, 99), record(0, 42))], 100).labels]).toEqual([99, 42]);
  });

  it('joins files in their order', () => {
    const { labels, images } = readCifar([file(record(1)), file(record(2), record(3))], 10);
    expect([...labels]).toEqual([1, 2, 3]);
    expect([...images.subarray(2 * 3 * PLANE, 2 * 3 * PLANE + 3)]).toEqual([0, 100, 200]);
  });

  it.each<[string, Uint8Array, number, Partial<CifarFormatError>]>([
    ['an empty file', new Uint8Array(0), 10, { field: 'length', expected: 'a multiple of 3073 bytes', got: '0 bytes' }],
    ['a cut record', new Uint8Array(3072), 10, { field: 'length', got: '3072 bytes' }],
    ['CIFAR-10 for CIFAR-100', file(record(1)).bytes, 100, { field: 'length', expected: 'a multiple of 3074 bytes' }],
    [
      'a label too large',
      file(record(1), record(10)).bytes,
      10,
      { field: 'label of record 1', expected: '0 to 9', got: '10' },
    ],
  ])('refuses %s', (_, bytes, classes, facts) => {
    const read = () => readCifar([{ bytes, path: 'test_batch.bin' }], classes);
    expect(read).toThrow(CifarFormatError);
    expect(read).toThrow(expect.objectContaining({ path: 'test_batch.bin', ...facts }));
  });
});

describe('a copy of CIFAR-10 that is not the original', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reseed-cifar-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const asFound = () => loadDataset('cifar10', { folders: [folder], accept: 'as_found' });

  it('is read as it is found, but only when asked for', async () => {
    writeFileSync(join(folder, 'data_batch_2.bin'), file(record(1), record(2)).bytes);
    await expect(asFound()).rejects.toThrow(`${join(folder, 'test_batch.bin')} does not exist`);
    writeFileSync(join(folder, 'test_batch.bin'), file(record(7)).bytes);
    const { train, test, imageShape, classes } = await asFound();
    expect([[...train.labels], [...test.labels], imageShape, classes]).toEqual([[1, 2], [7], [32, 32, 3], 10]);
    await expect(loadDataset('cifar10', { folders: [folder] })).rejects.toBeInstanceOf(DatasetError);
  });

  it('is the only one that can be read so', async () => {
    await expect(loadDataset('mnist', { accept: 'as_found' })).rejects.toThrow(
      'mnist cannot be read as found; cifar10 and cifar100 can, as copies of them are often cut',
    );
  });
});
