// Real errors of the system become errors that say path, need and limit.
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, underAFile } from './temporary-folder.ts';
import { NoRoomError, toWriteError, UnwritableFolderError } from './write-error.ts';
import { writeWhole } from './write-whole.ts';

const folder = temporaryFolder();
const caught = (work: Promise<unknown>) => work.catch((error: unknown) => error);

describe('a write', () => {
  it.runIf(process.platform === 'linux')(
    'that finds the device full tells what it needed and what is free',
    async () => {
      const full = openSync('/dev/full', 'w');
      const written = (() => {
        try {
          return writeSync(full, 'x');
        } catch (error) {
          return error;
        } finally {
          closeSync(full);
        }
      })();
      const path = join(folder, 'weights');
      const error = await toWriteError(written, path, 1234);
      expect(error).toBeInstanceOf(NoRoomError);
      expect(error).toMatchObject({ path, bytes: 1234, freeBytes: expect.any(Number) as number });
      expect((error as Error).message).toMatch(
        /weights cannot be written: it needs 1234 bytes and \d+ are free \(ENOSPC\)$/,
      );
    },
  );

  it.runIf(process.platform === 'linux')(
    'beyond what a file may have leaves the old file and nothing else',
    async () => {
      const inside = join(folder, 'limited');
      mkdirSync(inside);
      const path = join(inside, 'weights');
      writeFileSync(path, 'old');
      const program = `
      import { writeWhole } from ${JSON.stringify(new URL('./write-whole.ts', import.meta.url).href)};
      process.on('SIGXFSZ', () => {});
      await writeWhole(process.argv[1], [new Uint8Array(3 << 20)]).catch(({ name, message }) => console.log(name, message));`;
      const node = ['--conditions=source', '--import', 'tsx', '--input-type=module', '--eval'];
      // Blocks of 512 or 1024 bytes, as the shell has it: one or two MiB.
      const { stdout } = await promisify(execFile)(
        'sh',
        ['-c', 'ulimit -f 2048 && exec "$@"', 'sh', process.execPath, ...node, program, path],
        { cwd: import.meta.dirname },
      );
      expect(stdout).toContain(
        `NoRoomError ${path} cannot be written: it needs 3145728 bytes and the system allows fewer`,
      );
      expect(readdirSync(inside)).toEqual(['weights']);
    },
  );

  it('to a place that is no folder names the folder', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const error = await caught(writeWhole(join(underAFile(file), 'weights'), [new Uint8Array(1)]));
    expect(error).toBeInstanceOf(UnwritableFolderError);
    expect(error).toMatchObject({ folder: underAFile(file) });
  });

  it('onto a folder leaves it as it was', async () => {
    const taken = join(folder, 'taken');
    mkdirSync(join(taken, 'weights'), { recursive: true });
    expect(await caught(writeWhole(join(taken, 'weights'), [new Uint8Array(1)]))).toBeInstanceOf(UnwritableFolderError);
    expect(readdirSync(taken)).toEqual(['weights']);
  });

  it('that fails for another reason fails with that reason', async () => {
    const reason = new TypeError('a defect');
    expect(await toWriteError(reason, 'x', 1)).toBe(reason);
  });
});
