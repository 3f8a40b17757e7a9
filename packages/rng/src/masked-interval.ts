// Whole numbers in [0, max] by masked rejection, as NumPy's legacy RandomState draws them (distributions.c, random_interval).

/** Anything that hands out 32-bit words in stream order. */
export interface WordSource {
  /** The next raw word, 0…2^32−1. */
  nextUint32(): number;
}

const UINT32_MAX = 0xffffffff;
const TWO32 = 4294967296;

/** One word per try, none when max is 0; max is a whole number 0…2^32−1. */
export function drawInterval(words: WordSource, max: number): number {
  if (max === 0) return 0;
  const mask = UINT32_MAX >>> Math.clz32(max);
  let value: number;
  do value = (words.nextUint32() & mask) >>> 0;
  while (value > max);
  return value;
}

/** The same for max 2^32…2^53−1: two words per try, the first one high. */
export function drawWideInterval(words: WordSource, max: number): number {
  const mask = UINT32_MAX >>> Math.clz32(Math.floor(max / TWO32));
  let value: number;
  do value = ((words.nextUint32() & mask) >>> 0) * TWO32 + words.nextUint32();
  while (value > max);
  return value;
}

/** A 64-bit word: the first 32-bit word is the high half. */
export function drawUint64(words: WordSource): bigint {
  const high = BigInt(words.nextUint32());
  return (high << 32n) | BigInt(words.nextUint32());
}

/** Both of the above for max 0…2^64−1. */
export function drawBigInterval(words: WordSource, max: bigint): bigint {
  if (max <= BigInt(UINT32_MAX)) return BigInt(drawInterval(words, Number(max)));
  const mask = (1n << BigInt(max.toString(2).length)) - 1n;
  let value: bigint;
  do value = drawUint64(words) & mask;
  while (value > max);
  return value;
}
