// JAX's random keys bit for bit, with `jax_threefry_partitionable` (the default since JAX 0.5) and 32-bit types
// (jax/_src/prng.py, jax/_src/random.py): keys are values, so there is no state to save, and equal keys draw equally.
import { DrawRangeError, ParameterOutOfRangeError, SeedOutOfRangeError } from './errors.ts';
import { threefry2x32 } from './threefry.ts';

/** Two 32-bit words. */
export type JaxKey = readonly [number, number];

const UINT32_MAX = 0xffffffff;

function word(field: string, value: number): number {
  if (value >>> 0 !== value) throw new SeedOutOfRangeError(field, value, UINT32_MAX);
  return value;
}

function hashed(key: JaxKey, counter: number): JaxKey {
  const [high, low] = threefry2x32(key, 0, counter, new Uint32Array(2));
  return [high, low];
}

function checkSize(method: string, size: number): void {
  if (!(size >= 0 && size <= UINT32_MAX && Number.isInteger(size))) {
    throw new ParameterOutOfRangeError(method, 'size', size, `a whole number from 0 to ${UINT32_MAX}`);
  }
}

/** `jax.random.PRNGKey(seed)`. @throws SeedOutOfRangeError unless seed is 0…2^32−1. */
export function prngKey(seed: number): JaxKey {
  return [0, word('seed', seed)];
}

/** `jax.random.fold_in(key, data)`. @throws SeedOutOfRangeError unless data is 0…2^32−1. */
export function foldIn(key: JaxKey, data: number): JaxKey {
  return hashed(key, word('data', data));
}

/** `jax.random.split(key, count)`. @throws ParameterOutOfRangeError unless count is a whole number 0…2^32−1. */
export function split(key: JaxKey, count = 2): JaxKey[] {
  checkSize('split', count);
  return Array.from({ length: count }, (_, i) => hashed(key, i));
}

/** `jax.random.bits(key, size)`: word i is the two hashed words of counter i, mixed. @throws as `split`. */
export function bits(key: JaxKey, size: number): Uint32Array {
  checkSize('bits', size);
  const out = new Uint32Array(size);
  const pair = new Uint32Array(2);
  for (let i = 0; i < size; i++) {
    threefry2x32(key, 0, i, pair);
    out[i] = pair[0] ^ pair[1];
  }
  return out;
}

/**
 * `jax.random.uniform(key, size, float32, low, high)`: 23 bits of each word, scaled in float32.
 * @throws ParameterOutOfRangeError for a size that is no whole number.
 */
export function uniform(key: JaxKey, size: number, { low = 0, high = 1 } = {}): Float32Array {
  const { fround } = Math;
  const start = fround(low);
  const width = fround(fround(high) - start);
  // 1.xxx − 1 of JAX is exactly these 23 bits over 2^23.
  return Float32Array.from(bits(key, size), (value) =>
    Math.max(start, fround(fround((value >>> 9) * 2 ** -23 * width) + start)),
  );
}

/**
 * `jax.random.randint(key, size, low, high)` in int32: a 64-bit number modulo the range, from two split keys.
 * @throws DrawRangeError unless low < high are in int32 (JAX itself returns low for an empty range).
 */
export function randint(key: JaxKey, size: number, low: number, high: number): Int32Array {
  if (!((low | 0) === low && (high | 0) === high && low < high))
    throw new DrawRangeError('randint', low, high, 2 ** 32);
  const span = high - low;
  const [highKey, lowKey] = split(key);
  const upper = bits(highKey, size);
  const lower = bits(lowKey, size);
  // 2^32 mod span in JAX's uint32 arithmetic, which overflows like this.
  const half = 65536 % span;
  const multiplier = (Math.imul(half, half) >>> 0) % span;
  return Int32Array.from(upper, (value, i) => {
    const product = Math.imul(value % span, multiplier) >>> 0;
    return low + (((product + (lower[i] % span)) >>> 0) % span);
  });
}

/** `jax.random.bernoulli(key, probability, size)` as 0 and 1. @throws ParameterOutOfRangeError unless 0 ≤ p ≤ 1. */
export function bernoulli(key: JaxKey, size: number, probability = 0.5): Uint8Array {
  if (!(probability >= 0 && probability <= 1)) {
    throw new ParameterOutOfRangeError('bernoulli', 'probability', probability, 'from 0 to 1');
  }
  return Uint8Array.from(uniform(key, size), (u) => (u < Math.fround(probability) ? 1 : 0));
}
