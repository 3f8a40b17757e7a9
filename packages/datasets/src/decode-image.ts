// Decodes PNG and JPEG files to pixels, told apart by content.
//
// The decoder is sharp: kept up by its authors, fast, and prebuilt for every platform through npm. Only its decoders are
// used, whose results do not depend on the machine: PNG has no choice, and the integer inverse DCT of libjpeg-turbo gives
// the same bits with and without vector instructions (those of Pillow). What could differ, libvips' resizing and colour
// management, is left out: resize-image.ts and convert-image.ts do that in whole numbers.
import { ImageFileError } from './image-folder-errors.ts';
import type { ImageSize } from './resize-image.ts';

export interface DecodedImage extends ImageSize {
  /** red, green, blue, and opacity where there are 4 channels; uint8 H·W·C */
  readonly pixels: Uint8Array;
  readonly channels: 3 | 4;
}

/** 8192 × 8192: what one file may take while it is decoded is bounded, whatever its header says. */
const MOST_PIXELS = 2 ** 26;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];
/** Bits per sample stand in the header chunk, which is the first. */
const PNG_DEPTH_AT = 24;

const startsWith = (bytes: Uint8Array, signature: readonly number[]): boolean =>
  signature.every((byte, index) => bytes[index] === byte);

/** Loaded when the first image is decoded: no other dataset needs it. */
async function loadSharp() {
  const { default: sharp } = await import('sharp');
  // One thread per image and nothing kept: files are read once, several at a time.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

let loading: ReturnType<typeof loadSharp> | undefined;

/** @param path named in errors */
function checkFormat(bytes: Uint8Array, path: string): 'png' | 'jpeg' {
  const remove = 'remove it, or convert it to PNG or JPEG';
  if (bytes.length === 0) throw new ImageFileError(path, 'is empty, expected a PNG or JPEG image', remove);
  if (startsWith(bytes, JPEG)) return 'jpeg';
  if (!startsWith(bytes, PNG)) {
    const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
    throw new ImageFileError(path, `starts with the bytes ${start}, expected a PNG or JPEG image`, remove);
  }
  if (bytes[PNG_DEPTH_AT] === 16)
    throw new ImageFileError(path, 'has 16 bits per sample, at most 8 can be used', 'convert it to 8 bits');
  return 'png';
}

/**
 * Palettes become colours, and photographs are turned upright (EXIF orientation). Colour profiles are ignored, as by the
 * readers of PyTorch.
 * @throws ImageFileError for another format, 16 bits, CMYK, more than 2^26 pixels, or a broken file
 */
export async function decodeImage(bytes: Uint8Array, path: string): Promise<DecodedImage> {
  const format = checkFormat(bytes, path);
  const sharp = await (loading ??= loadSharp());
  const image = sharp(bytes, {
    // Looking for it takes a fifth of the time of a small image, and hardly any PNG file has it.
    autoOrient: format === 'jpeg' || Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('eXIf'),
    sequentialRead: true,
    ignoreIcc: true,
    limitInputPixels: MOST_PIXELS,
    failOn: 'error',
  });
  try {
    if (format === 'jpeg' && (await image.metadata()).space === 'cmyk')
      throw new ImageFileError(path, 'has the colours CMYK, expected grey or RGB', 'convert it to RGB');
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    return { pixels: data, height: info.height, width: info.width, channels: info.channels === 4 ? 4 : 3 };
  } catch (error) {
    if (error instanceof ImageFileError) throw error;
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new ImageFileError(path, `cannot be decoded as ${format.toUpperCase()} (${reason})`, 'replace or remove it');
  }
}
