// Reads the IDX format of the MNIST files (LeCun, Cortes, Burges 1998): a big-endian header, then the values as uint8.
import { IdxFormatError } from './errors.ts';

/** Third byte of the magic number that stands for unsigned bytes, the only type these datasets use. */
const UNSIGNED_BYTE = 0x08;

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;

/**
 * The values of an IDX file of uint8 whose dimensions are known, as a view of `bytes` (nothing is copied).
 * @param path named in errors
 * @throws IdxFormatError when the magic number, a dimension or the length differs.
 */
export function readIdx(bytes: Uint8Array, dimensions: readonly number[], path: string): Uint8Array {
  const header = 4 + 4 * dimensions.length;
  if (bytes.length < header)
    throw new IdxFormatError(path, 'length', `at least ${header} bytes`, `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, header);
  const magic = (UNSIGNED_BYTE << 8) | dimensions.length;
  if (view.getUint32(0) !== magic) throw new IdxFormatError(path, 'magic number', hex(magic), hex(view.getUint32(0)));
  dimensions.forEach((expected, axis) => {
    const got = view.getUint32(4 + 4 * axis);
    if (got !== expected) throw new IdxFormatError(path, `dimension ${axis}`, `${expected}`, `${got}`);
  });
  const values = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (bytes.length !== header + values) {
    throw new IdxFormatError(path, 'length', `${header + values} bytes`, `${bytes.length} bytes`);
  }
  return bytes.subarray(header);
}
