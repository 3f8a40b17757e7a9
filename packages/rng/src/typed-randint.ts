// randint of every integer dtype (numpy/random/_bounded_integers.pyx): small dtypes cut one word into several values.
import { DrawRangeError, DtypeBoundsError } from './errors.ts';
import { drawBigInterval, type WordSource } from './masked-interval.ts';

/** The array in which values of a dtype are returned; bool as 0 and 1. */
export interface IntegerArrays {
  readonly int64: BigInt64Array;
  readonly uint64: BigUint64Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly bool: Uint8Array;
}

export type IntegerType = keyof IntegerArrays;
type NarrowType = Exclude<IntegerType, 'int64' | 'uint64'>;

/** `bits` is what one value takes from a word: the words are cut low bits first. */
const NARROW = {
  int32: { bits: 32, least: -(2 ** 31), most: 2 ** 31, arrayType: Int32Array },
  uint32: { bits: 32, least: 0, most: 2 ** 32, arrayType: Uint32Array },
  int16: { bits: 16, least: -(2 ** 15), most: 2 ** 15, arrayType: Int16Array },
  uint16: { bits: 16, least: 0, most: 2 ** 16, arrayType: Uint16Array },
  int8: { bits: 8, least: -(2 ** 7), most: 2 ** 7, arrayType: Int8Array },
  uint8: { bits: 8, least: 0, most: 2 ** 8, arrayType: Uint8Array },
  bool: { bits: 1, least: 0, most: 2, arrayType: Uint8Array },
} as const;

const WIDE = {
  int64: { least: -(1n << 63n), most: 1n << 63n, arrayType: BigInt64Array },
  uint64: { least: 0n, most: 1n << 64n, arrayType: BigUint64Array },
} as const;

function isWide(dtype: IntegerType): dtype is 'int64' | 'uint64' {
  return dtype === 'int64' || dtype === 'uint64';
}

function checkBounds<T extends number | bigint>(dtype: IntegerType, low: T, high: T, least: T, most: T): void {
  if (low < least) throw new DtypeBoundsError(dtype, 'low', low, least);
  if (high > most) throw new DtypeBoundsError(dtype, 'high', high, most);
  if (low >= high) throw new DrawRangeError(`randint of ${dtype}`, low, high, BigInt(most) - BigInt(least));
}

function wholeBound(dtype: IntegerType, low: number | bigint, high: number | bigint, bound: number | bigint): bigint {
  if (typeof bound === 'number' && !Number.isSafeInteger(bound)) {
    throw new DrawRangeError(`randint of ${dtype}`, low, high, Number.MAX_SAFE_INTEGER);
  }
  return BigInt(bound);
}

/** Fills `out` with low + a value in [0, range], range > 0. The rest of the last word is thrown away, as in NumPy. */
function fillFromCutWords(words: WordSource, out: IntegerArrays[NarrowType], cut: Cut): void {
  const { bits, low, range } = cut;
  const perWord = 32 / bits;
  const mask = 0xffffffff >>> Math.clz32(range);
  let word = 0;
  let left = 0;
  for (let i = 0; i < out.length; i++) {
    let value: number;
    do {
      if (left === 0) {
        word = words.nextUint32();
        left = perWord;
      } else {
        word >>>= bits;
      }
      left -= 1;
      value = (word & mask) >>> 0;
    } while (value > range);
    out[i] = low + value;
  }
}

interface Cut {
  readonly bits: number;
  readonly low: number;
  readonly range: number;
}

/**
 * `randint(low, high, size, dtype)`: `size` values in [low, high). A range of one value takes no word.
 * @throws DtypeBoundsError when dtype cannot hold a bound; DrawRangeError unless low < high are whole and exact.
 */
export function randintArray<T extends IntegerType>(
  words: WordSource,
  low: number | bigint,
  high: number | bigint,
  { size, dtype }: { readonly size: number; readonly dtype: T },
): IntegerArrays[T];
export function randintArray(
  words: WordSource,
  low: number | bigint,
  high: number | bigint,
  { size, dtype }: { readonly size: number; readonly dtype: IntegerType },
): IntegerArrays[IntegerType] {
  const first = wholeBound(dtype, low, high, low);
  const end = wholeBound(dtype, low, high, high);
  if (isWide(dtype)) {
    const { least, most, arrayType } = WIDE[dtype];
    checkBounds(dtype, first, end, least, most);
    const out = new arrayType(size);
    const range = end - 1n - first;
    for (let i = 0; i < size; i++) out[i] = first + drawBigInterval(words, range);
    return out;
  }
  const { bits, least, most, arrayType } = NARROW[dtype];
  checkBounds(dtype, first, end, BigInt(least), BigInt(most));
  const out = new arrayType(size);
  const range = Number(end - 1n - first);
  if (range === 0) out.fill(Number(first));
  else fillFromCutWords(words, out, { bits, low: Number(first), range });
  return out;
}
