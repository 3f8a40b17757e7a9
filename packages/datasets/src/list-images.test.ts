// Which files are images of which class, in which order, and which of them test.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NumpyRandomState } from '@reseed/rng';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFiles } from './generated-images.ts';
import { ImageFolderLayoutError, TooFewImagesError } from './image-folder-errors.ts';
import { type ImageListing, listImages } from './list-images.ts';
import { splitOffTest } from './test-share.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-images-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...paths: string[]) => writeFiles(folder, Object.fromEntries(paths.map((path) => [path, 'x'])));

describe('listImages', () => {
  it('takes subfolders as classes, by code point, nested files with them', async () => {
    // In UTF-16 the emoji, U+1F431, would come before U+FF21.
    write(
      'b/2.png',
      'b/10.png',
      'B/x/y/1.jpg',
      'B/x.png',
      '\u{1F431}/1',
      '\uFF21/1',
      'README.txt',
      '.git/a',
      'b/.DS_Store',
    );
    expect(await listImages(folder)).toEqual({
      layout: 'classes',
      classes: ['B', 'b', '\uFF21', '\u{1F431}'],
      train: [
        { path: 'B/x.png', label: 0 },
        { path: 'B/x/y/1.jpg', label: 0 },
        { path: 'b/10.png', label: 1 },
        { path: 'b/2.png', label: 1 },
        { path: '\uFF21/1', label: 2 },
        { path: '\u{1F431}/1', label: 3 },
      ],
      test: [],
    });
  });

  it('takes train and test apart', async () => {
    write('train/a/1', 'train/b/1', 'test/a/2', 'test/b/3');
    expect(await listImages(folder)).toEqual({
      layout: 'train_and_test',
      classes: ['a', 'b'],
      train: [
        { path: 'train/a/1', label: 0 },
        { path: 'train/b/1', label: 1 },
      ],
      test: [
        { path: 'test/a/2', label: 0 },
        { path: 'test/b/3', label: 1 },
      ],
    });
  });

  it('follows links to folders and files', async () => {
    write('elsewhere/a/1', 'elsewhere/2');
    const inner = join(folder, 'data');
    mkdirSync(join(inner, 'b'), { recursive: true });
    symlinkSync(join(folder, 'elsewhere/a'), join(inner, 'a'));
    symlinkSync(join(folder, 'elsewhere/2'), join(inner, 'b/2'));
    const { train } = await listImages(inner);
    expect(train.map(({ path }) => path)).toEqual(['a/1', 'b/2']);
  });

  it.each<[paths: string[], says: string]>([
    [[], 'holds 0 class folders, at least 2 are needed; expected <class>/<image>, or train/'],
    [['a/1', '2'], 'holds 1 class folders, at least 2'],
    [['a/1', 'b/.hidden'], 'has no image in b;'],
    [['train/a/1', 'train/b/1'], 'holds train but no test'],
    [['test/a/1', 'b/1'], 'holds test but no train'],
    [['train/a/1', 'train/b/1', 'test/a/1', 'test/b/1', 'val/a/1'], 'holds val beside train and test'],
    [['train/a/1', 'train/b/1', 'test/a/1', 'test/c/1'], 'has other classes in test than in train: b, c'],
    [['train/a/1', 'train/b/.x', 'test/a/1', 'test/b/1'], 'has no image in train/b'],
    [['train/a/1', 'test/a/1'], 'holds 1 class folders in train'],
  ])('refuses %j', async (paths, says) => {
    write(...paths);
    const error: unknown = await listImages(folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ImageFolderLayoutError);
    expect((error as Error).message).toContain(`${folder} ${says}`);
  });

  it('refuses a link that leads back', async () => {
    write('a/1', 'b/1');
    symlinkSync(join(folder, 'a'), join(folder, 'a/again'));
    await expect(listImages(folder)).rejects.toThrow('nested more than 8 deep');
  });
});

describe('splitOffTest', () => {
  const images = (count: number) => Array.from({ length: count }, (_, i) => ({ path: `${i}`, label: 0 }));
  const listing = (layout: ImageListing['layout'], train: number, test: number): ImageListing => ({
    layout,
    classes: ['a', 'b'],
    train: images(train),
    test: images(test),
  });
  const pathsOf = (part: readonly { readonly path: string }[]) => part.map(({ path }) => Number(path));

  it.each([
    [3, 1],
    [11, 1],
    [12, 2],
    [200, 33],
  ])('holds out one in six of %i files: the first %i of the permutation', (total, held) => {
    const { train, test } = splitOffTest(listing('classes', total, 0), folder);
    const order = [...new NumpyRandomState(0).permutation(total)];
    expect(pathsOf(test)).toEqual(order.slice(0, held));
    expect(pathsOf(train)).toEqual(order.slice(held).sort((a, b) => a - b));
  });

  it('orders a test folder, which is sorted by class, by a permutation', () => {
    const { train, test } = splitOffTest(listing('train_and_test', 5, 20), folder);
    expect(pathsOf(test)).toEqual([...new NumpyRandomState(0).permutation(20)]);
    expect(pathsOf(train)).toEqual([0, 1, 2, 3, 4]);
  });

  it('needs an image to train, one to validate and one to test', () => {
    const split = () => splitOffTest(listing('classes', 2, 0), 'pets');
    expect(split).toThrow(TooFewImagesError);
    expect(split).toThrow('pets holds 2 images; at least 3 are needed');
  });
});
