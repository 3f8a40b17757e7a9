// Tables and stores of fingerprints against a Map, however small they start and wherever a fingerprint hashes to.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FingerprintStore } from './fingerprint-store.ts';
import { FINGERPRINT_WORDS, FingerprintTable } from './fingerprint-table.ts';

/** Words from a short list, so that fingerprints repeat, share their first word (the hash) and lie at both ends of the table. */
const word = fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff);
const fingerprints = fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 300 });

describe('FingerprintTable', () => {
  it('exchanges numbers as a Map does, and forgets them when cleared', () => {
    fc.assert(
      fc.property(fingerprints, fc.nat(400), fc.integer({ min: 1, max: 200 }), (keys, room, clearEvery) => {
        const table = new FingerprintTable(room);
        const known = new Map<string, number>();
        const words = Uint32Array.from(keys.flat());
        keys.forEach((key, i) => {
          if (i % clearEvery === 0) {
            table.clear();
            known.clear();
          }
          expect(table.exchange(words, i * FINGERPRINT_WORDS, i)).toBe(known.get(key.join()) ?? -1);
          known.set(key.join(), i);
          expect(table.size).toBe(known.size);
        });
        expect(table.range()).toEqual({ least: Math.min(...known.values()), most: Math.max(...known.values()) });
      }),
    );
  });

  it('grows far beyond what it was made for', () => {
    const table = new FingerprintTable(0);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5000; i++) table.increment(Uint32Array.of(Math.imul(i, 0x9e3779b1), i, 7), 0);
    }
    expect(table.size).toBe(5000);
    expect(table.range()).toEqual({ least: 2, most: 2 });
  });
});

describe('FingerprintStore', () => {
  it('counts distinct fingerprints and uses as a Map does', () => {
    fc.assert(
      fc.property(fingerprints, fc.constantFrom(0, 1, 40_000, 10_000_000), (keys, expected) => {
        const store = new FingerprintStore(expected);
        const uses = new Map<string, number>();
        for (const key of keys) {
          uses.set(key.join(), (uses.get(key.join()) ?? 0) + 1);
          store.add(Uint32Array.from(key));
        }
        const range = { least: Math.min(...uses.values()), most: Math.max(...uses.values()) };
        expect(store.count()).toEqual({ distinct: uses.size, uses: range });
      }),
      { numRuns: 30 },
    );
  });

  it('keeps more than it expected, also when all fall into one part', () => {
    const store = new FingerprintStore(100_000);
    for (let i = 0; i < 20_000; i++) store.add(Uint32Array.of(Math.imul(i >> 1, 0x9e3779b1), i >> 1, 3));
    expect(store.count()).toEqual({ distinct: 10_000, uses: { least: 2, most: 2 } });
  });

  it('is empty at first', () => {
    expect(new FingerprintStore(10).count()).toEqual({ distinct: 0, uses: { least: 0, most: 0 } });
  });
});
