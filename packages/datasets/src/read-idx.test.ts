import { expect, test } from 'vitest';
import { IdxFormatError } from './errors.ts';
import { readIdx } from './read-idx.ts';

/** Two images of 2×3 pixels. */
const file = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

const changed = (at: number, value: number) => file.map((byte, index) => (index === at ? value : byte));

test('the values follow the header, also where the bytes start inside a larger buffer', () => {
  expect([...readIdx(file, [2, 2, 3], 'f')]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const shifted = new Uint8Array(file.length + 5);
  shifted.set(file, 5);
  expect(readIdx(shifted.subarray(5), [2, 2, 3], 'f')).toEqual(readIdx(file, [2, 2, 3], 'f'));
});

test.each<[field: string, bytes: Uint8Array, message: string]>([
  ['magic number', changed(2, 0x0d), 'f is not the expected IDX file: magic number is 0x00000d03, expected 0x00000803'],
  ['magic number', changed(3, 1), 'f is not the expected IDX file: magic number is 0x00000801, expected 0x00000803'],
  ['dimension 0', changed(7, 3), 'f is not the expected IDX file: dimension 0 is 3, expected 2'],
  ['dimension 2', changed(12, 128), 'f is not the expected IDX file: dimension 2 is 2147483651, expected 3'],
  ['length', file.subarray(0, 27), 'f is not the expected IDX file: length is 27 bytes, expected 28 bytes'],
  ['length', file.subarray(0, 9), 'f is not the expected IDX file: length is 9 bytes, expected at least 16 bytes'],
])('a wrong %s is named with what was expected', (field, bytes, message) => {
  const error = (() => {
    try {
      return readIdx(bytes, [2, 2, 3], 'f');
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(IdxFormatError);
  expect(error).toMatchObject({ path: 'f', field, message });
});
