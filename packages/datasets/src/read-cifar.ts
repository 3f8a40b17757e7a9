// Reads the binary version of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): per record the labels, then a plane per colour.
import { CifarFormatError } from './errors.ts';
import type { LabelledImages } from './labelled-images.ts';

const SIDE = 32;
const CHANNELS = 3;
const PLANE = SIDE * SIDE;
const PIXELS = CHANNELS * PLANE;

/** CIFAR-100 has a coarse label before the fine one, which is the one used. */
const labelBytes = (classes: number): number => (classes > 10 ? 2 : 1);

/** The images of one file: uint8 N·H·W·C and labels. @throws CifarFormatError */
function readFile(bytes: Uint8Array, classes: number, path: string): LabelledImages {
  const labelled = labelBytes(classes);
  const record = labelled + PIXELS;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new CifarFormatError(path, 'length', `a multiple of ${record} bytes`, `${bytes.length} bytes`);
  }
  const count = bytes.length / record;
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let n = 0, from = 0, to = 0; n < count; n++) {
    const label = bytes[from + labelled - 1];
    if (label >= classes) throw new CifarFormatError(path, `label of record ${n}`, `0 to ${classes - 1}`, `${label}`);
    labels[n] = label;
    const red = from + labelled;
    for (let pixel = 0; pixel < PLANE; pixel++) {
      images[to++] = bytes[red + pixel];
      images[to++] = bytes[red + PLANE + pixel];
      images[to++] = bytes[red + 2 * PLANE + pixel];
    }
    from += record;
  }
  return { images, labels };
}

/** Several files one after the other. @throws CifarFormatError for a broken length or a label outside the classes */
export function readCifar(
  files: readonly { readonly bytes: Uint8Array; readonly path: string }[],
  classes: number,
): LabelledImages {
  const parts = files.map(({ bytes, path }) => readFile(bytes, classes, path));
  if (parts.length === 1) return parts[0];
  const total = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const images = new Uint8Array(total * PIXELS);
  const labels = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    images.set(part.images, at * PIXELS);
    labels.set(part.labels, at);
    at += part.labels.length;
  }
  return { images, labels };
}
