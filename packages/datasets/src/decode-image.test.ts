// Pixels of every kind of PNG and JPEG file that is taken, and what is said of those that are not.
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './decode-image.ts';
import { jpegOf, pngOf, randomImage, randomPixels } from './generated-images.ts';
import { ImageFileError } from './image-folder-errors.ts';

const path = 'pets/cat/1.png';
const decode = (bytes: Uint8Array) => decodeImage(bytes, path);
const failure = (bytes: Uint8Array): Promise<unknown> => decode(bytes).catch((error: unknown) => error);

describe('decodeImage', () => {
  it('gives the pixels of a PNG file, whatever its name', async () => {
    const size = { height: 3, width: 5 };
    expect(await decode(await pngOf(size))).toEqual({ pixels: Buffer.from(randomPixels(size)), ...size, channels: 3 });
  });

  it('gives grey as three equal channels, with opacity as a fourth', async () => {
    const { pixels, channels } = await decode(await pngOf({ channels: 1 }));
    expect(channels).toBe(3);
    expect([...pixels]).toEqual([...randomPixels({ channels: 1 })].flatMap((level) => [level, level, level]));
    const transparent = await decode(await pngOf({ channels: 2 }));
    const [level, opacity] = randomPixels({ channels: 2 });
    expect([transparent.channels, ...transparent.pixels.subarray(0, 4)]).toEqual([4, level, level, level, opacity]);
    expect(await decode(await pngOf({ channels: 4 }))).toMatchObject({
      channels: 4,
      pixels: Buffer.from(randomPixels({ channels: 4 })),
    });
  });

  it('turns palettes into colours', async () => {
    const two = sharp(Uint8Array.of(9, 8, 7, 200, 100, 0), { raw: { height: 1, width: 2, channels: 3 } });
    const bytes = await two.png({ palette: true }).toBuffer();
    expect(bytes.includes('PLTE')).toBe(true);
    expect([...(await decode(bytes)).pixels]).toEqual([9, 8, 7, 200, 100, 0]);
  });

  it('gives the pixels of a JPEG file, turned upright', async () => {
    const bytes = await jpegOf({ height: 6, width: 10 });
    const plain = await decode(bytes);
    expect(plain).toMatchObject({ height: 6, width: 10, channels: 3 });
    const turned = await decode(await sharp(bytes).keepMetadata().withMetadata({ orientation: 6 }).png().toBuffer());
    expect(turned).toMatchObject({ height: 10, width: 6 });
    // The first row of the upright image is the first column, from the bottom up.
    const pixelAt = ({ pixels, width }: typeof plain, row: number, column: number) => [
      ...pixels.subarray((row * width + column) * 3, (row * width + column) * 3 + 3),
    ];
    for (let column = 0; column < 6; column++)
      expect(pixelAt(turned, 0, column)).toEqual(pixelAt(plain, 5 - column, 0));
  });

  it('does not change colours by a profile', async () => {
    const bytes = await randomImage({}).withIccProfile('p3').png().toBuffer();
    const { pixels } = await decode(bytes);
    expect(bytes.includes('iCCP')).toBe(true);
    expect(Buffer.from(pixels)).toEqual(await sharp(bytes, { ignoreIcc: true }).raw().toBuffer());
    expect(Buffer.from(pixels)).not.toEqual(await sharp(bytes).raw().toBuffer());
  });

  it.each<[what: string, bytes: () => Promise<Uint8Array> | Uint8Array, says: string]>([
    ['an empty file', () => Buffer.alloc(0), 'is empty, expected a PNG or JPEG image; remove it'],
    ['text', () => Buffer.from('hello world'), 'starts with the bytes 68656c6c6f20776f, expected a PNG or JPEG'],
    ['WebP', () => randomImage({}).webp().toBuffer(), 'expected a PNG or JPEG image; remove it, or convert it'],
    ['16 bits', () => randomImage({}).toColourspace('rgb16').png().toBuffer(), 'has 16 bits per sample, at most 8'],
    ['CMYK', () => randomImage({}).toColourspace('cmyk').jpeg().toBuffer(), 'has the colours CMYK, expected grey or'],
    ['half a PNG', async () => (await pngOf({})).subarray(0, 120), 'cannot be decoded as PNG ('],
    ['half a JPEG', async () => (await jpegOf({ height: 64 })).subarray(0, -400), 'cannot be decoded as JPEG ('],
    ['a signature alone', async () => (await pngOf({})).subarray(0, 8), 'cannot be decoded as PNG ('],
    ['a huge image', hugePng, 'exceeds pixel limit); replace or remove it'],
  ])('refuses %s', async (_, bytes, says) => {
    const error = await failure(await bytes());
    expect(error).toBeInstanceOf(ImageFileError);
    expect((error as Error).message).toMatch(new RegExp(`^${path} `));
    expect((error as Error).message).toContain(says);
  });
});

/** A valid header of 100,000 × 100,000 pixels. */
async function hugePng(): Promise<Uint8Array> {
  const bytes = Buffer.from(await pngOf({ channels: 1 }));
  bytes.writeUInt32BE(100_000, 16);
  bytes.writeUInt32BE(100_000, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}
