// The table of fingerprints against a Map, however small it starts and wherever a fingerprint hashes to.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockTable } from './block-table.ts';

/** Words from a short list, so that fingerprints repeat, share their first word (the hash) and lie at both ends of the table. */
const word = fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff);
const fingerprints = fc.array(fc.tuple(word, word, word, word), { minLength: 1, maxLength: 300 });

describe('BlockTable', () => {
  it('counts blocks, blocks of the epoch and uses as a Map does', () => {
    fc.assert(
      fc.property(fingerprints, fc.integer({ min: 1, max: 50 }), fc.nat(400), (blocks, perEpoch, expected) => {
        const table = new BlockTable(expected);
        const uses = new Map<string, number>();
        let inEpoch = new Set<string>();
        blocks.forEach((block, i) => {
          if (i % perEpoch === 0) inEpoch = new Set();
          const key = block.join();
          uses.set(key, (uses.get(key) ?? 0) + 1);
          inEpoch.add(key);
          table.add(Uint32Array.from(block), Math.floor(i / perEpoch));
          expect([table.distinct, table.distinctInEpoch]).toEqual([uses.size, inEpoch.size]);
        });
        expect(table.uses()).toEqual({ least: Math.min(...uses.values()), most: Math.max(...uses.values()) });
      }),
    );
  });

  it('grows far beyond what it was made for', () => {
    const table = new BlockTable(0);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5000; i++) table.add(Uint32Array.of(Math.imul(i, 0x9e3779b1), i, 7, 0), round);
    }
    expect(table.distinct).toBe(5000);
    expect(table.distinctInEpoch).toBe(5000);
    expect(table.uses()).toEqual({ least: 2, most: 2 });
  });

  it('is empty at first', () => {
    expect(new BlockTable(10).uses()).toEqual({ least: 0, most: 0 });
    expect(new BlockTable(10).distinct).toBe(0);
  });
});
