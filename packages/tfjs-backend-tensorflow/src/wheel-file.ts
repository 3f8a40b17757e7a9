// Reads a wheel, which is a zip file whose RECORD holds a checksum of every entry.
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise } from 'yauzl';
import { NotTensorflowError } from './binding-errors.ts';
import { recordedChecksums } from './wheel-record.ts';

export interface WheelFile {
  /** paths inside it, with `/` */
  readonly names: readonly string[];
  /** One small entry. @throws NotTensorflowError when there is none of that name */
  text(name: string): Promise<string>;
  /**
   * Writes entries under `folder`, each at its own path.
   * @param record the text of RECORD
   * @throws NotTensorflowError when one is not what RECORD says
   */
  unpack(names: readonly string[], record: string, folder: string): Promise<void>;
  close(): void;
}

/** @throws NotTensorflowError when the file is no zip */
export async function openWheel(path: string): Promise<WheelFile> {
  const reject = (error: Error) => {
    throw new NotTensorflowError(path, `it is no wheel (${error.message})`);
  };
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch(reject);
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  } catch (error) {
    zip.close();
    reject(error as Error);
  }
  const read = async (name: string) => {
    const entry = entries.get(name);
    if (entry === undefined) throw new NotTensorflowError(path, `it has no ${name}`);
    return zip.openReadStreamPromise(entry);
  };
  return {
    names: [...entries.keys()],
    text: async (name) => (await buffer(await read(name))).toString('utf8'),
    async unpack(names, record, folder) {
      const checksums = recordedChecksums(record);
      for (const name of names) {
        const file = join(folder, name);
        mkdirSync(dirname(file), { recursive: true });
        const hash = createHash('sha256');
        const hashed = async function* (source: AsyncIterable<Buffer>) {
          for await (const chunk of source) {
            hash.update(chunk);
            yield chunk;
          }
        };
        await pipeline(await read(name), hashed, createWriteStream(file));
        if (hash.digest('base64url') !== checksums.get(name))
          throw new NotTensorflowError(path, `${name} in it is not what its RECORD says`);
      }
    },
    close: () => zip.close(),
  };
}
