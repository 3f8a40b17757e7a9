// 16-bit floating point numbers to 32 bits, exactly: IEEE 754 binary16 and bfloat16.

export type HalfFormat = 'F16' | 'BF16';

const scratch = new DataView(new ArrayBuffer(4));

/** @param bits 0…65535 */
export function readHalf(bits: number, format: HalfFormat): number {
  switch (format) {
    case 'BF16':
      scratch.setUint32(0, bits * 2 ** 16);
      return scratch.getFloat32(0);
    case 'F16': {
      const sign = bits < 0x8000 ? 1 : -1;
      const exponent = (bits >> 10) & 31;
      const fraction = bits & 1023;
      if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
      return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
    }
  }
}
