// Bits in the order that results declare, and back.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BitCountError, packBits, unpackBits } from './pack-bits.ts';

it('has the first value in the lowest bit of the first byte', () => {
  expect([...packBits([1, 0, 0, 0, 0, 0, 0, 0, 0, 1])]).toEqual([1, 2]);
  expect([...packBits([0, 1, 1, 0, 0, 0, 0, 1])]).toEqual([0b1000_0110]);
  expect(packBits([])).toHaveLength(0);
});

it('comes back as it went', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 40 }), (values) => {
      expect([...unpackBits(packBits(values), values.length)]).toEqual(values);
    }),
  );
});

it('refuses bytes that are not those of the count', () => {
  for (const [bytes, count] of [
    [1, 9],
    [2, 8],
    [1, 0],
  ])
    expect(() => unpackBits(new Uint8Array(bytes), count)).toThrow(BitCountError);
});
