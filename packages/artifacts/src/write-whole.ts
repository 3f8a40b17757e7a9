// Writes a file whole or not at all, and on the disk before it says so; removes what writers that died have left unfinished.
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toWriteError } from './write-error.ts';
import { nextMark, writerIsDead } from './writer-mark.ts';

/** `<name>.<mark of the writer>.part`, beside the file to come, because a rename does not cross file systems. */
const UNFINISHED = /^.+\.([0-9a-f]{8}-\d+-\d+-\d+)\.part$/;

/**
 * Writes beside the place, brings it to the disk, renames, brings the rename to the disk. Whoever dies meanwhile leaves
 * the old file or the new one. Of two writers of one path the last rename wins.
 *
 * @param parts are written one after another
 * @throws NoRoomError, UnwritableFolderError
 */
export async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const folder = dirname(path);
  const unfinished = join(folder, `${basename(path)}.${nextMark()}.part`);
  try {
    await makeFolder(folder);
    const file = await open(unfinished, 'wx');
    try {
      for (const part of parts) await writeAll(file, part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    throw await toWriteError(error, path, bytes);
  }
}

/** One write takes at most 2 GiB, and may take less than it is given. */
async function writeAll(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength; ) {
    written += (await file.write(bytes, written, Math.min(bytes.byteLength - written, 2 ** 30))).bytesWritten;
  }
}

/** A folder that had to be made is itself a name in the one above it. */
async function makeFolder(folder: string): Promise<void> {
  const firstMade = await mkdir(folder, { recursive: true });
  if (firstMade === undefined) return;
  for (let at = folder; at.length >= firstMade.length; at = dirname(at)) await syncFolder(dirname(at));
}

/** Brings the names of a folder to the disk. Windows opens no folders, and does this by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems have no such thing; the file itself is on the disk all the same.
    if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** Removes unfinished files whose writer is dead, never one of a live writer. A folder that is not there has none. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const mark = UNFINISHED.exec(name)?.[1];
    if (mark === undefined) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      // Finished or removed meanwhile.
      () => undefined,
    );
    if (age !== undefined && writerIsDead(mark, age)) await rm(path, { force: true });
  }
}

/** Names in a folder; none where it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
