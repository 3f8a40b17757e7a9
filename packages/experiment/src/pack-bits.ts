// Per-image results as one bit each: how correctness is stored, a thousandth of the pixels it speaks of.

/** Bit i of the result, counted from the lowest bit of the first byte, is whether value i is not 0. */
export function packBits(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) bytes[i >> 3] |= 1 << (i & 7);
  return bytes;
}

/** Fewer bytes than `count` values need, or more. */
export class BitCountError extends RangeError {
  override readonly name = 'BitCountError';
  constructor(
    readonly bytes: number,
    readonly count: number,
  ) {
    super(`${count} bits need ${Math.ceil(count / 8)} bytes, got ${bytes}`);
  }
}

/** The first `count` bits, as 0 or 1 each. @throws BitCountError unless there are just as many bytes as they need */
export function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  if (bytes.length !== Math.ceil(count / 8)) throw new BitCountError(bytes.length, count);
  return Uint8Array.from({ length: count }, (_, i) => (bytes[i >> 3] >> (i & 7)) & 1);
}
