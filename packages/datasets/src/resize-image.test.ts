// Resized and grey images are those of Pillow, byte for byte.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { convertImage, isColoured } from './convert-image.ts';
import { type ImageSize, resizeImage } from './resize-image.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/pillow-resize.json', import.meta.url), 'utf8')) as {
  cases: { from: ImageSize; to: ImageSize; channels: number; sha256: string; first: number[] }[];
  grey: { sha256: string };
};
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** The input of the golden file. */
const pixels = (count: number) => Uint8Array.from({ length: count }, (_, i) => Math.imul(i, 2654435761) >>> 24);
const square = (side: number): ImageSize => ({ height: side, width: side });

describe('resizeImage', () => {
  it.each(golden.cases)('$from to $to with $channels channels', ({ from, to, channels, sha256: expected, first }) => {
    const resized = resizeImage(pixels(from.height * from.width * channels), from, to, channels);
    expect([...resized.subarray(0, 16)]).toEqual(first);
    expect(sha256(resized)).toBe(expected);
  });

  it('leaves an image of the right size alone, and a flat one flat', () => {
    const image = pixels(64);
    expect(resizeImage(image, square(8), square(8), 1)).toBe(image);
    for (const value of [0, 1, 127, 255]) {
      const flat = resizeImage(new Uint8Array(30 * 50).fill(value), { height: 30, width: 50 }, square(17), 1);
      expect(new Set(flat)).toEqual(new Set([value]));
    }
  });
});

describe('convertImage', () => {
  const colour = { pixels: pixels(64 * 64 * 3), ...square(64), channels: 3 } as const;

  it('turns colours into the grey of Pillow', () => {
    expect(sha256(convertImage(colour, square(64), 1))).toBe(golden.grey.sha256);
  });

  it('leaves grey pixels grey, in one channel or three', () => {
    const levels = Uint8Array.from({ length: 256 }, (_, level) => level);
    const grey = {
      pixels: Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)),
      ...square(16),
      channels: 3,
    } as const;
    expect(convertImage(grey, square(16), 1)).toEqual(levels);
    expect(convertImage(grey, square(16), 3)).toEqual(grey.pixels);
    expect([isColoured(grey), isColoured(colour)]).toEqual([false, true]);
  });

  it('puts what is transparent on black', () => {
    const image = {
      pixels: Uint8Array.of(200, 100, 50, 255, 200, 100, 50, 0, 200, 100, 51, 128),
      height: 1,
      width: 3,
      channels: 4,
    } as const;
    expect([...convertImage(image, image, 3)]).toEqual([200, 100, 50, 0, 0, 0, 100, 50, 26]);
  });
});
