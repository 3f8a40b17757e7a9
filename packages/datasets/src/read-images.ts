// Reads and decodes the files of an image folder, several at a time, and takes the checksum of them all.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DecodedImage, decodeImage } from './decode-image.ts';
import type { ListedImage } from './list-images.ts';

/** Files in flight: enough to keep Node's four threads at work while others are read; more gained nothing. */
const AT_ONCE = 16;

/** Half the time of that of node:fs/promises, which costs small files as much as their decoding. */
const readWhole = promisify(readFile);

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Hands every image to `use`, in no certain order.
 * @param images sorted by path
 * @param use gets the position in `images`
 * @returns sha256 of the lines `<sha256 of the file>  <path>\n`, which is that of `sha256sum` over the sorted files
 * @throws ImageFileError
 */
export async function readImages(
  folder: string,
  images: readonly ListedImage[],
  use: (image: DecodedImage, index: number) => void,
): Promise<string> {
  const sums = new Array<string>(images.length);
  let next = 0;
  const readOn = async (): Promise<void> => {
    while (next < images.length) {
      const index = next++;
      const path = join(folder, images[index].path);
      const bytes = await readWhole(path);
      sums[index] = sha256(bytes);
      use(await decodeImage(bytes, path), index);
    }
  };
  const atWork = Array.from({ length: Math.min(AT_ONCE, images.length) }, readOn);
  try {
    await Promise.all(atWork);
  } catch (error) {
    // The others stop at their next file, and nothing goes on after this function has ended.
    next = images.length;
    await Promise.allSettled(atWork);
    throw error;
  }
  return sha256(images.map(({ path }, index) => `${sums[index]}  ${path}\n`).join(''));
}
