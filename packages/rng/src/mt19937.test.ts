// The engine's bulk, skipping and cloning paths against its one-word path, which the NumPy vectors pin.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mt19937 } from './mt19937.ts';

const seeds = fc.oneof(fc.nat(0xffffffff), fc.array(fc.nat(0xffffffff), { minLength: 1, maxLength: 700 }));

function words(engine: Mt19937, count: number): number[] {
  return Array.from({ length: count }, () => engine.nextUint32());
}

describe('Mt19937', () => {
  it('gives the first words of mt19937ar.out for init_by_array({0x123, 0x234, 0x345, 0x456})', () => {
    const engine = new Mt19937([0x123, 0x234, 0x345, 0x456]);
    expect(words(engine, 5)).toEqual([1067595299, 955945823, 477289528, 4107218783, 4228976476]);
  });

  it('fills in bulk what it gives word by word', () => {
    fc.assert(
      fc.property(seeds, fc.nat(700), fc.nat(2000), (seed, before, count) => {
        const [bulk, single] = [new Mt19937(seed), new Mt19937(seed)];
        const out = new Uint32Array(count);
        expect(words(bulk, before)).toEqual(words(single, before));
        bulk.fill(out);
        expect(Array.from(out)).toEqual(words(single, count));
        expect(bulk.wordsDrawn).toBe(before + count);
        expect(bulk.nextUint32()).toBe(single.nextUint32());
      }),
      { numRuns: 50 },
    );
  });

  it('skips exactly as many words as asked, and clones without a tie', () => {
    fc.assert(
      fc.property(seeds, fc.nat(2000), fc.nat(2000), (seed, first, second) => {
        const [skipping, single] = [new Mt19937(seed), new Mt19937(seed)];
        skipping.skip(first);
        skipping.skip(second);
        words(single, first + second);
        const copy = skipping.clone();
        expect(skipping.wordsDrawn).toBe(first + second);
        expect(copy.wordsDrawn).toBe(first + second);
        const expected = words(single, 3);
        expect(words(skipping, 3)).toEqual(expected);
        expect(words(copy, 3)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});
