// Which checkpoints a folder keeps, with one writer, with two, and with other runs in it.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Checkpoints, openCheckpoints, removeCheckpoints } from './open-checkpoints.ts';
import { sampleIdentity as identity, temporaryFolder, underAFile } from './temporary-folder.ts';
import { UnwritableFolderError } from './write-error.ts';

const top = temporaryFolder();
let count = 0;
const newFolder = () => join(top, `run-${count++}`);

const epochsIn = async (checkpoints: Checkpoints) => {
  const epochs: number[] = [];
  for await (const { epoch, body } of checkpoints.newestFirst()) {
    expect(body[0]).toBe(epoch);
    epochs.push(epoch);
  }
  return epochs;
};
const keepAll = async (checkpoints: Checkpoints, ...epochs: number[]) => {
  for (const epoch of epochs) await checkpoints.keep({ epoch, body: new Uint8Array(1000).fill(epoch) });
};

describe('a folder of checkpoints', () => {
  it('that is missing holds none, and is made by the first', async () => {
    const folder = join(newFolder(), 'deep');
    const checkpoints = openCheckpoints({ folder, identity });
    expect(await epochsIn(checkpoints)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    await keepAll(checkpoints, 0);
    expect(await epochsIn(checkpoints)).toEqual([0]);
  });

  it.each([
    [undefined, [6, 5]],
    [1, [6]],
    [4, [6, 5, 4, 3]],
  ])('keeps the last ones (keepLast %s)', async (keepLast, expected) => {
    const folder = newFolder();
    const checkpoints = openCheckpoints({ folder, identity, ...(keepLast === undefined ? {} : { keepLast }) });
    await keepAll(checkpoints, 0, 1, 2, 3, 4, 5, 6);
    expect(await epochsIn(checkpoints)).toEqual(expected);
    expect(readdirSync(folder)).toHaveLength(expected.length);
  });

  it.each([0, -1, 1.5, Number.NaN])('is refused with keepLast %s', (keepLast) => {
    expect(() => openCheckpoints({ folder: top, identity, keepLast })).toThrow(
      `keepLast must be a whole number from 1, got ${keepLast}`,
    );
  });

  it('does not let the run that starts over lose its checkpoints to damaged ones of later epochs', async () => {
    const folder = newFolder();
    const refused: string[] = [];
    const checkpoints = openCheckpoints({ folder, identity, onRefused: (path) => refused.push(path) });
    await keepAll(checkpoints, 7, 8);
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'torn');
    await keepAll(checkpoints, 0, 1, 2);
    expect(await epochsIn(checkpoints)).toEqual([2, 1]);
    expect(refused).toHaveLength(2);
    await keepAll(checkpoints, 3, 4, 5, 6, 7, 8);
    expect(await epochsIn(checkpoints)).toEqual([8, 7]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('keeps those of other runs and of other code apart, though they have the same epochs', async () => {
    const folder = newFolder();
    const ours = openCheckpoints({ folder, identity, keepLast: 1 });
    const theirs = openCheckpoints({ folder, identity: { ...identity, codeVersion: '0.2.0' }, keepLast: 2 });
    await keepAll(theirs, 4, 5);
    await keepAll(ours, 0, 1);
    expect([await epochsIn(ours), await epochsIn(theirs)]).toEqual([[1], [5, 4]]);
  });

  it('stays readable while another attempt writes and removes', async () => {
    const folder = newFolder();
    const [ahead, behind] = [openCheckpoints({ folder, identity, keepLast: 1 }), openCheckpoints({ folder, identity })];
    await keepAll(ahead, 3);
    const reader = behind.newestFirst()[Symbol.asyncIterator]();
    expect(await reader.next()).toMatchObject({ value: { epoch: 3 } });
    await keepAll(ahead, 4);
    expect(await reader.next()).toMatchObject({ value: { epoch: 4 } });
    await keepAll(behind, 0, 1, 2);
    expect(await epochsIn(behind)).toEqual([4, 2, 1]);
  });

  it('takes the same epochs from many writers at once, and any reader finds whole ones', async () => {
    const folder = newFolder();
    const refused: string[] = [];
    const writers = Array.from({ length: 4 }, () =>
      openCheckpoints({ folder, identity, onRefused: (path, reason) => refused.push(`${path}: ${reason}`) }),
    );
    let done = false;
    const work = Promise.all(writers.map((writer) => keepAll(writer, 0, 1, 2, 3, 4, 5, 6, 7))).then(
      () => (done = true),
    );
    let reads = 0;
    while (!done) {
      await epochsIn(writers[0]);
      reads += 1;
    }
    await work;
    expect(reads).toBeGreaterThan(0);
    expect(refused).toEqual([]);
    expect(await epochsIn(writers[1])).toEqual([7, 6]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('is emptied by removeCheckpoints, and goes when nothing else is in it', async () => {
    const folder = newFolder();
    await keepAll(openCheckpoints({ folder, identity }), 0, 1);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    await removeCheckpoints(folder);
    expect(readdirSync(folder)).toEqual(['notes.txt']);
    rmSync(join(folder, 'notes.txt'));
    await removeCheckpoints(folder);
    await removeCheckpoints(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('that cannot be written to is named', async () => {
    const file = join(top, 'file');
    writeFileSync(file, '');
    const folder = underAFile(file);
    const error = await openCheckpoints({ folder, identity })
      .keep({ epoch: 0, body: new Uint8Array(1) })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnwritableFolderError);
    expect(error).toMatchObject({ folder, message: expect.stringContaining(folder) as string });
  });

  it('passes over what is no checkpoint', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    for (const name of ['epoch-1.checkpoint', 'epoch-000001.checkpoint.part', 'result.json']) {
      writeFileSync(join(folder, name), 'x');
    }
    const refused: string[] = [];
    expect(await epochsIn(openCheckpoints({ folder, identity, onRefused: (path) => refused.push(path) }))).toEqual([]);
    expect(refused).toEqual([]);
  });
});
