// Turns decoded pixels into the channels and size of a dataset.
import type { DecodedImage } from './decode-image.ts';
import { type ImageSize, resizeImage } from './resize-image.ts';

/** What is transparent shows black, as the borders of the crop augmentations. */
function flatten({ pixels, channels }: DecodedImage): Uint8Array {
  if (channels === 3) return pixels;
  const flat = new Uint8Array((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4) {
    const opacity = pixels[from + 3];
    for (let c = 0; c < 3; c++) flat[to++] = Math.floor((pixels[from + c] * opacity + 127) / 255);
  }
  return flat;
}

/** ITU-R 601 luma in the whole numbers of Pillow, which leave a grey pixel as it is. */
function toGrey(colour: Uint8Array): Uint8Array {
  const grey = new Uint8Array(colour.length / 3);
  for (let to = 0, from = 0; to < grey.length; to++, from += 3)
    grey[to] = (19595 * colour[from] + 38470 * colour[from + 1] + 7471 * colour[from + 2] + 32768) >> 16;
  return grey;
}

/** Whether any pixel has a colour. */
export function isColoured(image: DecodedImage): boolean {
  const colour = flatten(image);
  for (let at = 0; at < colour.length; at += 3)
    if (colour[at] !== colour[at + 1] || colour[at] !== colour[at + 2]) return true;
  return false;
}

/** @param channels 1 or 3 @returns uint8 height·width·channels */
export function convertImage(image: DecodedImage, size: ImageSize, channels: number): Uint8Array {
  const colour = flatten(image);
  return resizeImage(channels === 1 ? toGrey(colour) : colour, image, size, channels);
}
