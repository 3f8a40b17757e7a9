// Reads the binary version of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): per record the labels, then a plane per colour.
import { CifarFormatError } from './errors.ts';
import { type LabelledImages, sharedBytes } from './labelled-images.ts';

const SIDE = 32;
const CHANNELS = 3;
const PLANE = SIDE * SIDE;
const PIXELS = CHANNELS * PLANE;

/** CIFAR-100 has a coarse label before the fine one, which is the one used. */
const labelBytes = (classes: number): number => (classes > 10 ? 2 : 1);

/** Images in one file. @throws CifarFormatError for a broken length */
function countRecords({ bytes, path }: CifarFile, record: number): number {
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new CifarFormatError(path, 'length', `a multiple of ${record} bytes`, `${bytes.length} bytes`);
  }
  return bytes.length / record;
}

export interface CifarFile {
  readonly bytes: Uint8Array;
  /** named in errors */
  readonly path: string;
}

/** Several files one after the other, as uint8 N·H·W·C. @throws CifarFormatError for a broken length or a label outside the classes */
export function readCifar(files: readonly CifarFile[], classes: number): LabelledImages {
  const labelled = labelBytes(classes);
  const record = labelled + PIXELS;
  const counts = files.map((file) => countRecords(file, record));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const images = sharedBytes(total * PIXELS);
  const labels = new Uint8Array(total);
  let to = 0;
  let at = 0;
  files.forEach(({ bytes, path }, file) => {
    for (let n = 0, from = 0; n < counts[file]; n++, from += record) {
      const label = bytes[from + labelled - 1];
      if (label >= classes) throw new CifarFormatError(path, `label of record ${n}`, `0 to ${classes - 1}`, `${label}`);
      labels[at++] = label;
      const red = from + labelled;
      for (let pixel = 0; pixel < PLANE; pixel++) {
        images[to++] = bytes[red + pixel];
        images[to++] = bytes[red + PLANE + pixel];
        images[to++] = bytes[red + 2 * PLANE + pixel];
      }
    }
  });
  return { images, labels };
}
