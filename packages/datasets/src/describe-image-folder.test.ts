// The block that a grid gets, and what else is said of a folder of images.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeImageFolder } from './describe-image-folder.ts';
import { DatasetError } from './errors.ts';
import { jpegOf, pngOf, writeClasses, writeFiles } from './generated-images.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-images-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('describeImageFolder', () => {
  it('takes the most common size, and grey only when no pixel has a colour', async () => {
    await writeClasses(folder, ['cat', 'dog'], 6, { height: 9, channels: 1 });
    writeFiles(folder, { 'dog/large': await pngOf({ height: 40, width: 30, channels: 1 }) });
    const grey = await describeImageFolder(folder);
    expect(grey).toMatchObject({
      layout: 'classes',
      block: { height: 9, width: 8, channels: 1, classes: 2, trainSize: 10, validationSize: 1, testSize: 2 },
      sizes: [
        { height: 9, width: 8, images: 12 },
        { height: 40, width: 30, images: 1 },
      ],
      coloured: 0,
    });
    expect(grey.block.checksum).toMatch(/^[0-9a-f]{64}$/);
    writeFiles(folder, { 'dog/photo.jpg': await jpegOf({ height: 9 }) });
    const { block, coloured } = await describeImageFolder(folder);
    expect([block.channels, coloured]).toEqual([3, 1]);
    expect(block.checksum).not.toBe(grey.block.checksum);
  });

  it('counts every class, and sees grey in files of three channels', async () => {
    await writeClasses(folder, ['cat', 'dog'], 9, { prefix: 'train/', channels: 1 });
    await writeClasses(folder, ['cat', 'dog'], 2, { prefix: 'test/', channels: 1 });
    writeFiles(folder, { 'test/dog/jpeg.png': await jpegOf({ channels: 1 }) });
    const { layout, block, classes } = await describeImageFolder(folder);
    expect([layout, block.channels]).toEqual(['train_and_test', 1]);
    expect(block).toMatchObject({ trainSize: 15, validationSize: 3, testSize: 5 });
    expect(classes).toEqual([
      { name: 'cat', train: 9, test: 2 },
      { name: 'dog', train: 9, test: 3 },
    ]);
  });

  it('does as it is told', async () => {
    await writeClasses(folder, ['cat', 'dog'], 3);
    const { block } = await describeImageFolder(folder, { height: 16, width: 24, channels: 1 });
    expect(block).toMatchObject({ height: 16, width: 24, channels: 1 });
  });

  it('asks for a size where the common one cannot be used', async () => {
    await writeClasses(folder, ['cat', 'dog'], 2, { height: 520 });
    const error: unknown = await describeImageFolder(folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatasetError);
    expect((error as Error).message).toContain('have 520×8 pixels; sides of 8 to 512 can be used');
    expect((await describeImageFolder(folder, { height: 512 })).block.height).toBe(512);
  });

  it('names what is no folder', async () => {
    await expect(describeImageFolder(join(folder, 'none'))).rejects.toThrow(`${join(folder, 'none')} is no folder`);
  });
});
