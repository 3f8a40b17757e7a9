// A folder of images in memory: pixels and labels where they belong, whatever the order of the disk, and every refusal.
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetBlock } from '@reseed/experiment';
import { NumpyRandomState } from '@reseed/rng';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { convertImage } from './convert-image.ts';
import { decodeImage } from './decode-image.ts';
import { describeImageFolder } from './describe-image-folder.ts';
import { DatasetError } from './errors.ts';
import { jpegOf, randomPixels, writeClasses, writeFiles } from './generated-images.ts';
import { loadImageFolder } from './load-image-folder.ts';
import { splitDataset } from './split-dataset.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'reseed-images-'));
  folder = join(root, 'pets');
});
afterEach(() => rmSync(root, { recursive: true }));

async function blockOf(change: Partial<DatasetBlock> = {}): Promise<DatasetBlock> {
  const { block } = await describeImageFolder(folder);
  return { name: 'images', folder: 'pets', ...block, ...change };
}
const load = (block: DatasetBlock) => loadImageFolder(block, { folders: [root] });
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/** Those of a folder that `writeClasses` filled, sorted by path. */
const written = (classes: readonly string[], count: number) =>
  classes
    .flatMap((name, label) => Array.from({ length: count }, (_, n) => ({ path: `${name}/${n}.png`, label, n })))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

describe('loadImageFolder', () => {
  it('puts every image with its label into one part: the test by the fixed permutation, the rest by path', async () => {
    await writeClasses(folder, ['cat', 'dog', 'eel'], 12);
    const dataset = await load(await blockOf());
    expect(dataset).toMatchObject({ name: 'images', imageShape: [8, 8, 3], classes: 3 });
    const files = written(['cat', 'dog', 'eel'], 12);
    const order = [...new NumpyRandomState(0).permutation(36)];
    const held = order.slice(0, 6);
    const kept = order.slice(6).sort((a, b) => a - b);
    for (const [part, indices] of [
      [dataset.test, held],
      [dataset.train, kept],
    ] as const) {
      expect([...part.labels]).toEqual(indices.map((index) => files[index].label));
      const pixels = indices.map((index) => randomPixels({ seed: 1000 * files[index].label + files[index].n }));
      expect(sha256(part.images)).toBe(sha256(Buffer.concat(pixels)));
    }
    const split = splitDataset(dataset, { trainSize: 20, validationSize: 10, testSize: 6, splitSeed: 3 });
    expect(split.test.labels).toEqual(dataset.test.labels);
    expect(new Set([...split.train.indices, ...split.validation.indices]).size).toBe(30);
  });

  it('does not depend on which file was written first', async () => {
    await writeClasses(folder, ['cat', 'dog'], 10);
    const block = await blockOf();
    const first = await load(block);
    // Written anew in the opposite order, as on another disk.
    const copy = join(root, 'copy');
    for (const name of ['dog', 'cat'])
      for (const file of readdirSync(join(folder, name)).reverse())
        cpSync(join(folder, name, file), join(copy, name, file));
    expect(await load({ ...block, folder: 'copy' })).toEqual(first);
  });

  it('converts, resizes and holds labels of many classes', async () => {
    const names = Array.from({ length: 300 }, (_, n) => `c${n + 100}`);
    await writeClasses(folder, names, 1, { height: 10, width: 12 });
    writeFiles(folder, { 'c100/photo': await jpegOf({ height: 20, width: 30 }) });
    const dataset = await load(await blockOf({ height: 8, width: 9, channels: 1 }));
    expect([...dataset.train.labels, ...dataset.test.labels].sort((a, b) => a - b)).toEqual([0, ...names.keys()]);
    const photo = await decodeImage(readFileSync(join(folder, 'c100/photo')), 'photo');
    const expected = Buffer.from(convertImage(photo, { height: 8, width: 9 }, 1));
    const images = Buffer.concat([dataset.train.images, dataset.test.images]);
    expect(images).toHaveLength(301 * 72);
    expect(images.indexOf(expected) % 72).toBe(0);
    const { train } = splitDataset(dataset, { trainSize: 200, validationSize: 10, testSize: 6, splitSeed: 0 });
    expect([...train.labels]).toEqual([...train.indices].map((index) => dataset.train.labels[index]));
    expect(Math.max(...train.labels)).toBeGreaterThan(255);
  });

  it('takes the checksum that sha256sum gives of the sorted files', async () => {
    await writeClasses(folder, ['b', 'a'], 2);
    const lines = ['a/0.png', 'a/1.png', 'b/0.png', 'b/1.png'].map(
      (path) => `${sha256(readFileSync(join(folder, path)))}  ${path}\n`,
    );
    expect((await blockOf()).checksum).toBe(sha256(lines.join('')));
  });
});

describe('a folder that is not what the grid says', () => {
  beforeEach(() => writeClasses(folder, ['cat', 'dog'], 3));
  const failure = async (block: DatasetBlock): Promise<Error> => {
    const error: unknown = await load(block).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatasetError);
    return error as Error;
  };

  it('is missing', async () => {
    const block = await blockOf({ folder: 'birds' });
    const { message } = await failure(block);
    expect(message).toContain(`${join(root, 'birds')} is no folder; put or link the images there`);
    expect(message).toContain('--data-folder');
    await expect(loadImageFolder(block)).rejects.toThrow('there is no data folder that could hold birds');
  });

  it('has other files', async () => {
    const block = await blockOf();
    unlinkSync(join(folder, 'cat/1.png'));
    const { checksum: got } = await blockOf();
    const { message } = await failure(block);
    expect(message).toContain(`has checksum ${got}, but dataset.checksum is ${block.checksum}`);
    expect(message).toContain(`npx reseed data describe ${folder} prints the new block`);
  });

  it('has a file under another name or in another class', async () => {
    const block = await blockOf();
    renameSync(join(folder, 'cat/1.png'), join(folder, 'cat/9.png'));
    expect(await failure(block)).toMatchObject({ name: 'ImageFolderChecksumError' });
    renameSync(join(folder, 'cat/9.png'), join(folder, 'dog/9.png'));
    expect(await failure(block)).toMatchObject({ name: 'ImageFolderChecksumError' });
  });

  it('has other classes', async () => {
    const { message } = await failure(await blockOf({ classes: 3 }));
    expect(message).toContain('holds 2 classes, but dataset.classes is 3; npx reseed data describe');
  });

  it('holds a file that is no image, which is named', async () => {
    const block = await blockOf();
    writeFiles(folder, { 'dog/Thumbs.db': 'not an image' });
    expect(await failure(block)).toMatchObject({ name: 'ImageFileError', path: join(folder, 'dog/Thumbs.db') });
  });

  it('does not fit into memory', async () => {
    const block = await blockOf({ height: 512, width: 512 });
    await expect(loadImageFolder(block, { folders: [root], mostBytes: 6 * 786_432 - 1 })).rejects.toThrow(
      'holds 6 images, 4718592 bytes when decoded; at most 4718591 are allowed, so give a smaller dataset.height',
    );
    expect((await loadImageFolder(block, { folders: [root], mostBytes: 6 * 786_432 })).train.labels).toHaveLength(5);
  });
});
