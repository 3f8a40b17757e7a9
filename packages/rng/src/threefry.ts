// The Threefry-2x32 block function with 20 rounds (Salmon et al. 2011), the hash behind JAX's random keys.

const PARITY = 0x1bd11bda;

function rotate(word: number, distance: number): number {
  return (word << distance) | (word >>> (32 - distance));
}

/**
 * Encrypts the counter (high, low) under the key; fills `out` with the two resulting words and returns it.
 * @param key two 32-bit words.
 */
export function threefry2x32(key: ArrayLike<number>, high: number, low: number, out: Uint32Array): Uint32Array {
  const keys = [key[0] | 0, key[1] | 0, key[0] ^ key[1] ^ PARITY];
  let x = (high + keys[0]) | 0;
  let y = (low + keys[1]) | 0;
  // Five groups of four rounds, the two sets of rotations by turns, a key injection after each.
  for (let group = 1; group <= 5; group++) {
    const odd = group % 2 === 1;
    x = (x + y) | 0;
    y = rotate(y, odd ? 13 : 17) ^ x;
    x = (x + y) | 0;
    y = rotate(y, odd ? 15 : 29) ^ x;
    x = (x + y) | 0;
    y = rotate(y, odd ? 26 : 16) ^ x;
    x = (x + y) | 0;
    y = rotate(y, odd ? 6 : 24) ^ x;
    x = (x + keys[group % 3]) | 0;
    y = (y + keys[(group + 1) % 3] + group) | 0;
  }
  out[0] = x;
  out[1] = y;
  return out;
}
