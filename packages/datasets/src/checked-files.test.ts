// What is remembered of checked files outlives a process, and never hides that a file was changed.
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, open, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATASET_FACTS } from '@reseed/experiment';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckedFiles } from './checked-files.ts';
import { DatasetChecksumError } from './errors.ts';
import { locateFiles } from './locate-files.ts';
import { readVerifiedFile } from './read-verified-file.ts';

const facts = DATASET_FACTS.mnist.files[3];
const original = join(locateFiles('mnist', []).folder, facts.name);
/** Nothing was written within the two seconds in which a file could change once more and keep its times. */
const LONG_AGO = new Date('2021-03-04T05:06:07Z');

let folder: string;
let path: string;
let memory: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-checked-'));
  path = join(folder, facts.name);
  memory = join(folder, 'home', 'checked-files.json');
  await copyFile(original, path);
});
afterEach(() => rm(folder, { recursive: true }));

async function readHere(from = path): Promise<Uint8Array> {
  const checked = await CheckedFiles.open(memory);
  const bytes = await readVerifiedFile(from, facts, 'mend it', checked);
  await checked.keep();
  return bytes;
}
const remembered = async (): Promise<Record<string, { sha256: string }>> =>
  JSON.parse(await readFile(memory, 'utf8')) as Record<string, { sha256: string }>;

/** What another process says of the file: a checksum it finds, or the bytes it takes unseen. */
function readElsewhere(): string {
  const program = `
    import { readVerifiedFile } from ${JSON.stringify(new URL('read-verified-file.ts', import.meta.url).href)};
    import { CheckedFiles } from ${JSON.stringify(new URL('checked-files.ts', import.meta.url).href)};
    const checked = await CheckedFiles.open(${JSON.stringify(memory)});
    const read = readVerifiedFile(${JSON.stringify(path)}, ${JSON.stringify(facts)}, 'mend it', checked);
    console.log(await read.then((bytes) => 'took ' + bytes.length, (error) => error.name));`;
  const node = ['--conditions=source', '--import', 'tsx', '--input-type=module', '--eval', program];
  return spawnSync(process.execPath, node, { cwd: import.meta.dirname, encoding: 'utf8' }).stdout.trim();
}

describe('a file that was written long ago', () => {
  it('is remembered with its checksum, for every memory that is asked', async () => {
    await readHere(original);
    expect((await remembered())[original].sha256).toBe(facts.sha256);
    await rm(memory);
    await readHere(original);
    expect((await remembered())[original].sha256).toBe(facts.sha256);
  });

  it('is not hashed again by another process that trusts the memory', async () => {
    // What a fresh copy of the file would hold is not read from it: only a memory that is believed lets these bytes pass.
    await writeFile(path, new Uint8Array(facts.bytes));
    const { size, mtimeMs, ctimeMs } = await stat(path);
    await readHere(original);
    const entries = { ...(await remembered()), [path]: { size, mtimeMs, ctimeMs, sha256: facts.sha256 } };
    await writeFile(memory, JSON.stringify(entries));
    expect(readElsewhere()).toBe('took 10008');
    // Times set back leave the time of change behind.
    await utimes(path, LONG_AGO, new Date(mtimeMs));
    expect(readElsewhere()).toBe('DatasetChecksumError');
  });

  it.each(['', '{', '[]', 'null', '{"x":1}', '{"x":{"size":"1"}}'])(
    'is checked where the memory holds %j',
    async (text) => {
      await readHere(original);
      await writeFile(memory, text);
      await writeFile(path, new Uint8Array(facts.bytes));
      await expect(readHere()).rejects.toBeInstanceOf(DatasetChecksumError);
      expect(await readHere(original)).toHaveLength(facts.bytes);
    },
  );
});

it('a file that was just written is not remembered: it could change once more within the same tick', async () => {
  await readHere();
  expect(await remembered().catch(() => 'nothing')).toBe('nothing');
  const handle = await open(path, 'r+');
  await handle.write(Uint8Array.of(9), 0, 1, 5000);
  await handle.close();
  await expect(readHere()).rejects.toBeInstanceOf(DatasetChecksumError);
});

it('a wrong checksum is never remembered', async () => {
  const checked = await CheckedFiles.open(memory);
  await writeFile(path, new Uint8Array(facts.bytes));
  await expect(readVerifiedFile(path, facts, 'mend it', checked)).rejects.toBeInstanceOf(DatasetChecksumError);
  await checked.keep();
  expect(await remembered().catch(() => 'nothing')).toBe('nothing');
});

it('a memory that cannot be written to costs nothing but the next checksum', async () => {
  await writeFile(join(folder, 'home'), 'a file where the folder should be');
  expect(await readHere(original)).toHaveLength(facts.bytes);
});
