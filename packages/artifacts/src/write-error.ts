// The ways a file cannot be written, each with the path, what was wanted and the limit that was met.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** No room: the device is full, a quota is reached, or files may not be as large. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
  constructor(
    readonly path: string,
    readonly bytes: number,
    /** bytes that the device still has; undefined where it does not tell or where another limit was met */
    readonly freeBytes: number | undefined,
    override readonly cause: NodeJS.ErrnoException,
  ) {
    const limit = freeBytes === undefined ? 'the system allows fewer' : `${freeBytes} are free`;
    super(`${path} cannot be written: it needs ${bytes} bytes and ${limit} (${cause.code})`);
  }
}

/** The folder is missing and cannot be made, or this account may not write to it. */
export class UnwritableFolderError extends Error {
  override readonly name = 'UnwritableFolderError';
  constructor(
    readonly folder: string,
    override readonly cause: NodeJS.ErrnoException,
  ) {
    super(`${folder} must be a folder that this account may write to: ${cause.message}`);
  }
}

/** Device full, quota reached, larger than a file may be. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'EISDIR', 'ELOOP']);

/** What the system said when `bytes` bytes should have become the file `path`, as one of our errors where it is known. */
export async function toWriteError(error: unknown, path: string, bytes: number): Promise<unknown> {
  const cause = Object(error) as NodeJS.ErrnoException;
  if (cause.code === undefined) return error;
  if (NO_ROOM.has(cause.code)) {
    const free = cause.code === 'ENOSPC' ? await freeBytesOf(dirname(path)) : undefined;
    return new NoRoomError(path, bytes, free, cause);
  }
  return UNWRITABLE.has(cause.code) ? new UnwritableFolderError(dirname(path), cause) : error;
}

async function freeBytesOf(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
