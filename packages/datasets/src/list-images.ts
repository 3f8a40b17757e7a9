// Lists a folder of images: its classes, and its files in the one order that everything else follows.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageFolderLayoutError } from './image-folder-errors.ts';

export interface ListedImage {
  /** inside the folder, with `/` */
  readonly path: string;
  /** position of its class */
  readonly label: number;
}

export interface ImageListing {
  readonly layout: 'classes' | 'train_and_test';
  /** names by code point; the label of a class is its position */
  readonly classes: readonly string[];
  /** by path, by code point */
  readonly train: readonly ListedImage[];
  /** empty with layout `classes`, where a share of the files is the test */
  readonly test: readonly ListedImage[];
}

/** Folders below a class; a link that leads back to its own parent ends here. */
const MOST_NESTED = 8;

/** UTF-16 order differs from that of code points above U+FFFF; UTF-8 bytes do not. */
const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The order of images that everything follows. */
export const byPath = (a: ListedImage, b: ListedImage): number => byCodePoint(a.path, b.path);

/** What systems leave behind (`.DS_Store`) is passed over. */
const isHidden = ({ name }: Dirent): boolean => name.startsWith('.');

/** Links are followed, so that a folder can be composed of others without a copy. */
async function isFolder(parent: string, entry: Dirent): Promise<boolean> {
  return entry.isSymbolicLink() ? (await stat(join(parent, entry.name))).isDirectory() : entry.isDirectory();
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => !isHidden(entry));
  const kept = await Promise.all(entries.map((entry) => isFolder(folder, entry)));
  return entries
    .filter((_, index) => kept[index])
    .map(({ name }) => name)
    .sort(byCodePoint);
}

/** Every file below `root`/`path`, nested or not. */
async function filesBelow(root: string, path: string, depth = 0): Promise<string[]> {
  if (depth > MOST_NESTED)
    throw new ImageFolderLayoutError(root, `has folders nested more than ${MOST_NESTED} deep in ${path}`);
  const parent = join(root, path);
  const entries = (await readdir(parent, { withFileTypes: true })).filter((entry) => !isHidden(entry));
  const parts = await Promise.all(
    entries.map(async (entry) => {
      const inner = `${path}/${entry.name}`;
      return (await isFolder(parent, entry)) ? filesBelow(root, inner, depth + 1) : [inner];
    }),
  );
  return parts.flat();
}

/** @param prefix '' or the part of the data, with `/` */
async function imagesOf(root: string, prefix: string, classes: readonly string[]): Promise<ListedImage[]> {
  const parts = await Promise.all(
    classes.map(async (name, label) => {
      const paths = await filesBelow(root, `${prefix}${name}`);
      if (paths.length === 0) throw new ImageFolderLayoutError(root, `has no image in ${prefix}${name}`);
      return paths.map((path) => ({ path, label }));
    }),
  );
  return parts.flat().sort(byPath);
}

/**
 * Lists `folder`, which holds `<class>/…` or `train/<class>/…` and `test/<class>/…`. Files may be nested below a class;
 * names that start with a dot, and files beside the class folders, are passed over.
 * @throws ImageFolderLayoutError
 */
export async function listImages(folder: string): Promise<ImageListing> {
  const top = await subfolders(folder);
  const parts = top.filter((name) => name === 'train' || name === 'test');
  if (parts.length === 1)
    throw new ImageFolderLayoutError(folder, `holds ${parts[0]} but no ${parts[0] === 'train' ? 'test' : 'train'}`);
  if (parts.length === 2 && top.length > 2) {
    const others = top.filter((name) => name !== 'train' && name !== 'test').join(', ');
    throw new ImageFolderLayoutError(folder, `holds ${others} beside train and test, where it would not be read`);
  }
  const split = parts.length === 2;
  const classes = split ? await subfolders(join(folder, 'train')) : top;
  if (classes.length < 2)
    throw new ImageFolderLayoutError(
      folder,
      `holds ${classes.length} class folders${split ? ' in train' : ''}, at least 2 are needed`,
    );
  if (!split) return { layout: 'classes', classes, train: await imagesOf(folder, '', classes), test: [] };
  const tested = await subfolders(join(folder, 'test'));
  const odd = [
    ...classes.filter((name) => !tested.includes(name)),
    ...tested.filter((name) => !classes.includes(name)),
  ];
  if (odd.length > 0)
    throw new ImageFolderLayoutError(folder, `has other classes in test than in train: ${odd.join(', ')}`);
  const [train, test] = await Promise.all(['train/', 'test/'].map((prefix) => imagesOf(folder, prefix, classes)));
  return { layout: 'train_and_test', classes, train, test };
}
