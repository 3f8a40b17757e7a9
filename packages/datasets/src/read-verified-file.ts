// Reads one file of a dataset, packed or not, and proves that it is the original, by length and sha256.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { DatasetFile } from '@reseed/experiment';
import type { CheckedFiles } from './checked-files.ts';
import {
  DatasetChecksumError,
  DatasetFileBrokenError,
  DatasetFileMissingError,
  DatasetFileSizeError,
} from './errors.ts';
import { sharedBytes } from './labelled-images.ts';

const unpack = promisify(gunzip);

/** Small enough that one part is hashed while the next is read. */
const PART_BYTES = 4 * 2 ** 20;

/** The file, or undefined when it is not there. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The first `size` bytes, or all there are; each goes through `hash` while later ones are on their way. */
async function readBytes(handle: FileHandle, size: number, hash?: Hash): Promise<Uint8Array> {
  const bytes = sharedBytes(size);
  const readPart = (from: number) => handle.read(bytes, from, Math.min(PART_BYTES, size - from), from);
  let end = 0;
  let part = readPart(0);
  while (end < size) {
    const { bytesRead } = await part;
    if (bytesRead === 0) break;
    const start = end;
    end += bytesRead;
    if (end < size) part = readPart(end);
    hash?.update(bytes.subarray(start, end));
  }
  return bytes.subarray(0, end);
}

/**
 * Reads `path`, or `path`.gz if only that is there.
 * @param remedy what to do when the file is not the original, for the error's message
 * @param checked a file whose length and times are known from there is not hashed again
 * @returns bytes that threads can share
 * @throws DatasetFileMissingError, DatasetFileBrokenError, DatasetFileSizeError, DatasetChecksumError
 */
export async function readVerifiedFile(
  path: string,
  file: DatasetFile,
  remedy: string,
  checked: CheckedFiles,
): Promise<Uint8Array> {
  const plain = await openIfThere(path);
  const handle = plain ?? (await openIfThere(`${path}.gz`));
  if (handle === undefined) throw new DatasetFileMissingError(path, remedy);
  const found = plain === undefined ? `${path}.gz` : path;
  try {
    const state = await handle.stat();
    if (plain !== undefined && state.size !== file.bytes) {
      throw new DatasetFileSizeError(found, file.bytes, state.size, remedy);
    }
    const hash = checked.has(found, state, file.sha256) ? undefined : createHash('sha256');
    const bytes =
      plain === undefined
        ? await unpackFile(await readBytes(handle, state.size), found, file.bytes, remedy)
        : await readBytes(handle, state.size, hash);
    if (bytes.length !== file.bytes) throw new DatasetFileSizeError(found, file.bytes, bytes.length, remedy);
    if (hash === undefined) return bytes;
    if (plain === undefined) hash.update(bytes);
    const sha256 = hash.digest('hex');
    if (sha256 !== file.sha256) throw new DatasetChecksumError(found, file.sha256, sha256, remedy);
    checked.add(found, state, sha256);
    return bytes;
  } finally {
    await handle.close();
  }
}

async function unpackFile(raw: Uint8Array, path: string, bytes: number, remedy: string): Promise<Uint8Array> {
  try {
    // A file that grows beyond the original is not unpacked to its end.
    const unpacked = await unpack(raw, { maxOutputLength: bytes + 1 });
    const shared = sharedBytes(unpacked.length);
    shared.set(unpacked);
    return shared;
  } catch (error) {
    throw new DatasetFileBrokenError(path, (error as Error).message, remedy);
  }
}
