// Downloads one file of known length and checksum: resumed where an earlier try was cut, and checked before it is named.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DatasetDownload } from '@reseed/experiment';
import { DatasetDownloadError } from './errors.ts';

const REMEDY = 'try again, or name a mirror with --from';

export interface FetchProgress {
  readonly file: string;
  /** Bytes so far, those of an earlier try included, and of the whole file. */
  readonly received: number;
  readonly total: number;
}

export interface DownloadOptions {
  /** Instead of the host of the original: a file of the same name lies below this address. */
  readonly mirror?: string;
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** Bytes of a file that is there, else 0. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function request(url: string, from: number, signal: AbortSignal | undefined): Promise<Response> {
  const headers = from > 0 ? { range: `bytes=${from}-` } : {};
  try {
    const answer = await fetch(url, { headers, ...(signal === undefined ? {} : { signal }) });
    if (answer.ok && answer.body !== null) return answer;
    throw new DatasetDownloadError(url, `the server answered ${answer.status}`, REMEDY);
  } catch (error) {
    if (error instanceof DatasetDownloadError || signal?.aborted === true) throw error;
    const { message, cause } = error as Error;
    throw new DatasetDownloadError(url, cause instanceof Error ? cause.message : message, REMEDY);
  }
}

/** Appends what is missing to the part. @throws DatasetDownloadError, AbortError */
async function receive(file: DatasetDownload, url: string, part: string, options: DownloadOptions): Promise<void> {
  const { onProgress, signal } = options;
  const name = basename(file.url);
  const before = await sizeOf(part);
  if (before === file.bytes) return;
  const answer = await request(url, before < file.bytes ? before : 0, signal);
  // A server that does not know ranges sends the whole file again.
  const resumes = answer.status === 206;
  let received = resumes ? before : 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      received += chunk.length;
      if (received > file.bytes) throw new DatasetDownloadError(url, `it is larger than ${file.bytes} bytes`, REMEDY);
      onProgress?.({ file: name, received, total: file.bytes });
      yield chunk;
    }
  };
  try {
    const body = Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream);
    await pipeline(body, counted, createWriteStream(part, { flags: resumes ? 'a' : 'w' }));
  } catch (error) {
    if (error instanceof DatasetDownloadError || signal?.aborted === true) throw error;
    throw new DatasetDownloadError(url, `it was cut after ${received} of ${file.bytes} bytes`, REMEDY);
  }
  if (received < file.bytes) {
    throw new DatasetDownloadError(url, `it ended after ${received} of ${file.bytes} bytes`, REMEDY);
  }
}

/**
 * Puts the file at `target`, unless it is there already. What an earlier try received is kept in `target`.part.
 * @throws DatasetDownloadError when the server, the length or the checksum is not right; AbortError
 */
export async function downloadFile(
  file: DatasetDownload,
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  if ((await sizeOf(target)) === file.bytes && (await sha256Of(target)) === file.sha256) return;
  const { mirror } = options;
  const url = mirror === undefined ? file.url : `${mirror.replace(/\/$/, '')}/${basename(file.url)}`;
  const part = `${target}.part`;
  await receive(file, url, part, options);
  const sha256 = await sha256Of(part);
  if (sha256 !== file.sha256) {
    await rm(part);
    throw new DatasetDownloadError(url, `its sha256 is ${sha256}, expected ${file.sha256}`, REMEDY);
  }
  await rename(part, target);
}
