// For tests: image files of seeded pixels, and folders made of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NumpyRandomState } from '@reseed/rng';
import sharp, { type Sharp } from 'sharp';

export interface GeneratedImage {
  readonly height?: number;
  readonly width?: number;
  readonly channels?: 1 | 2 | 3 | 4;
  readonly seed?: number;
}

/** uint8 H·W·C */
export function randomPixels({ height = 8, width = 8, channels = 3, seed = 0 }: GeneratedImage): Uint8Array {
  return new NumpyRandomState(seed).bytes(height * width * channels);
}

/** Ready to be encoded. */
export function randomImage(image: GeneratedImage): Sharp {
  const { height = 8, width = 8, channels = 3 } = image;
  return sharp(randomPixels(image), { raw: { height, width, channels } });
}

export const pngOf = (image: GeneratedImage): Promise<Buffer> => {
  const { channels = 3 } = image;
  return randomImage(image)
    .toColourspace(channels < 3 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
};
export const jpegOf = (image: GeneratedImage): Promise<Buffer> => randomImage(image).jpeg().toBuffer();

/** Writes files below `folder`, which are made where missing. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** `count` PNG files of 8×8 in each class: `<prefix><class>/<n>.png`, no two alike. */
export async function writeClasses(
  folder: string,
  classes: readonly string[],
  count: number,
  { prefix = '', ...image }: GeneratedImage & { readonly prefix?: string } = {},
): Promise<void> {
  for (const [label, name] of classes.entries())
    for (let n = 0; n < count; n++)
      writeFiles(folder, { [`${prefix}${name}/${n}.png`]: await pngOf({ ...image, seed: 1000 * label + n }) });
}
