// A folder of generated photographs, PNG and JPEG mixed: each class has its own brightness, so that it can be learnt.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NumpyRandomState } from '@reseed/rng';
import sharp from 'sharp';

const SIDE = 16;
const CHANNELS = 3;
/** Brightness of a pixel of class k is k·STEP + 0…NOISE − 1. */
const STEP = 80;
const NOISE = 90;

/** Writes `count` images of 16×16 in colour into each class; every third is a JPEG, some of twice the size. */
export async function writeImageFolder(folder: string, classes: readonly string[], count: number): Promise<void> {
  for (const [label, name] of classes.entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let n = 0; n < count; n++) {
      const side = n % 10 === 9 ? 2 * SIDE : SIDE;
      const stream = new NumpyRandomState(1000 * label + n);
      const pixels = Uint8Array.from({ length: side * side * CHANNELS }, () => label * STEP + stream.randint(0, NOISE));
      const image = sharp(pixels, { raw: { height: side, width: side, channels: CHANNELS } });
      const bytes = await (n % 3 === 0 ? image.jpeg() : image.png()).toBuffer();
      writeFileSync(join(folder, name, `${n}.${n % 3 === 0 ? 'jpg' : 'png'}`), bytes);
    }
  }
}

/** Records of CIFAR-10: a label and three planes of 32×32, class k as bright as above. */
export function cifarRecords(count: number, seed: number): Uint8Array {
  const record = 1 + CHANNELS * 32 * 32;
  const bytes = new Uint8Array(count * record);
  const stream = new NumpyRandomState(seed);
  for (let at = 0; at < bytes.length; at += record) {
    const label = stream.randint(0, 10);
    bytes.fill(25 * label, at, at + record);
    bytes[at] = label;
  }
  return bytes;
}
