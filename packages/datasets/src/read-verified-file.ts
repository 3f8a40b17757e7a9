// Reads one file of a dataset and proves that it is the original, by length and sha256.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { DatasetFile } from '@reseed/experiment';
import { DatasetChecksumError, DatasetFileMissingError, DatasetFileSizeError } from './errors.ts';

/** sha256 of files already hashed by this process, by path, length and time of change: hashing 55 MB takes 0.1 s. */
const hashed = new Map<string, string>();

/**
 * @param remedy what to do when the file is not the original, for the error's message
 * @throws DatasetFileMissingError, DatasetFileSizeError, DatasetChecksumError
 */
export async function readVerifiedFile(path: string, file: DatasetFile, remedy: string): Promise<Uint8Array> {
  const facts = await stat(path).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new DatasetFileMissingError(path, remedy);
    throw error;
  });
  if (facts.size !== file.bytes) throw new DatasetFileSizeError(path, file.bytes, facts.size, remedy);
  const bytes = await readFile(path);
  const key = `${path}\n${facts.size}\n${facts.mtimeMs}`;
  const sha256 = hashed.get(key) ?? createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== file.sha256) throw new DatasetChecksumError(path, file.sha256, sha256, remedy);
  hashed.set(key, sha256);
  return bytes;
}
