// `reseed data describe FOLDER`: the dataset block of a grid for a folder of images, with the counts per class.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type DescribeOptions, describeImageFolder, type FolderDescription } from '@reseed/datasets';
import { AXES } from '@reseed/experiment';
import Table from 'cli-table3';

/** Where the folder is for those who train on it. */
interface Place {
  /** inside the data folder */
  readonly folder: string;
  /** what makes it so, where it is not so already */
  readonly remedy: string | null;
}

const isFolderName = (name: string): boolean => AXES.get('dataset.folder')?.schema.safeParse(name).success === true;

/** The path from one folder into another, or undefined when it leads out of it or does not fit into a grid. */
function within(outer: string, inner: string): string | undefined {
  const path = relative(outer, inner);
  const name = path.split(sep).join('/');
  return !isAbsolute(path) && isFolderName(name) ? name : undefined;
}

/** A link in the data folder that leads to it, as an earlier answer of this command may have advised. */
function linkTo(folder: string, dataFolder: string): string | undefined {
  if (!existsSync(dataFolder)) return undefined;
  const real = realpathSync(folder);
  // A link that leads nowhere does not exist for existsSync.
  const leadsThere = (path: string) => existsSync(path) && realpathSync(path) === real;
  return readdirSync(dataFolder).find((name) => isFolderName(name) && leadsThere(join(dataFolder, name)));
}

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

function placeOf(folder: string, dataFolder: string): Place {
  const known = within(dataFolder, folder) ?? linkTo(folder, dataFolder);
  if (known !== undefined) return { folder: known, remedy: null };
  const name = basename(folder)
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^\.+/, '');
  const free = isFolderName(name) ? name : 'images';
  const link = `mkdir -p ${quoted(dataFolder)} && ln -s ${quoted(folder)} ${quoted(join(dataFolder, free))}`;
  return { folder: free, remedy: `Workers look for it in ${dataFolder}: move it there, or link it: ${link}` };
}

function describeSizes({ sizes, block }: FolderDescription): string {
  const images = sizes.reduce((sum, size) => sum + size.images, 0);
  const kept = sizes.find(({ height, width }) => height === block.height && width === block.width)?.images ?? 0;
  const text = `${images} images, ${kept} of them ${block.height}×${block.width} pixels`;
  return kept === images ? `${text}.` : `${text}; the others are resized.`;
}

function describeTest({ layout }: FolderDescription): string {
  switch (layout) {
    case 'train_and_test':
      return 'Test images are those in the folder test.';
    case 'classes':
      return 'There is no folder test: one image in six, always the same, is held out for the test.';
  }
}

/** @throws DatasetError */
export async function runDescribe(
  folder: string,
  options: DescribeOptions & { readonly dataFolder: string; readonly json?: true },
): Promise<void> {
  const path = resolve(folder);
  const described = await describeImageFolder(path, options);
  const { folder: name, remedy } = placeOf(path, resolve(options.dataFolder));
  const { trainSize, validationSize, testSize, ...identity } = described.block;
  const dataset = { name: 'images', folder: name, ...identity, trainSize, validationSize, testSize };
  if (options.json === true) {
    const { layout, classes, sizes, coloured } = described;
    console.log(JSON.stringify({ dataset, path, remedy, layout, classes, sizes, coloured }));
    return;
  }
  console.log(`"dataset": ${JSON.stringify(dataset, undefined, 2)}\n`);
  const table = new Table({ head: ['class', 'train', 'test'], style: { head: [], border: [] } });
  table.push(...described.classes.map(({ name: label, train, test }) => [label, train, test]));
  console.log(table.toString());
  console.log(`${describeSizes(described)} ${describeTest(described)}`);
  if (remedy !== null) console.error(remedy);
}
