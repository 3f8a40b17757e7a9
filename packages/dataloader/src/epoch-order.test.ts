// The orders and base seeds that no trace of PyTorch covers, by their definitions.
import { SeedSequence, TorchGenerator } from '@reseed/rng';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OrderOptions, orderOfEpoch } from './epoch-order.ts';
import type { LoaderSpec } from './loader-options.ts';

const uint32 = fc.nat(0xffffffff);
const sampleCount = fc.integer({ min: 1, max: 60 });
const epochs = fc.nat(5);
const ORDER_TAG = 0x80000002;

const options = (
  seed: number,
  sampleCount: number,
  order: LoaderSpec['order'],
  shuffle: LoaderSpec['shuffle'],
): OrderOptions => ({ seed, sampleCount, loader: { workers: 2, order, shuffle, dropLast: false, batchRepeat: 1 } });

/** The (epoch + 1)-th of the base seeds that a generator gives when nothing else reads it. */
function baseSeed(seed: number, epoch: number): bigint {
  const generator = new TorchGenerator(seed);
  for (let before = 0; before < epoch; before++) generator.random63();
  return generator.random63();
}

describe('decoupled', () => {
  it('reshuffles by T32(S, ORDER, e), stays with T32(S, ORDER, 0) when fixed, and has base seeds to itself', () => {
    fc.assert(
      fc.property(uint32, sampleCount, epochs, (seed, n, epoch) => {
        const orderBy = (e: number) =>
          new TorchGenerator(new SeedSequence([seed, ORDER_TAG, e]).generateState(1)[0]).randperm(n);
        const at = (shuffle: LoaderSpec['shuffle']) => orderOfEpoch(options(seed, n, 'decoupled', shuffle), epoch);
        expect(at('reshuffle').indices).toEqual(orderBy(epoch));
        expect(at('fixed').indices).toEqual(orderBy(0));
        expect(at('sequential').indices).toEqual(Int32Array.from({ length: n }, (_, i) => i));
        for (const shuffle of ['reshuffle', 'fixed', 'sequential'] as const) {
          expect(at(shuffle)).toMatchObject({ epoch, baseSeed: baseSeed(seed, epoch) });
        }
      }),
    );
  });
});

describe('torch_exact', () => {
  it('persistent workers are seeded once, so that later orders come one draw of the generator earlier', () => {
    fc.assert(
      fc.property(
        uint32,
        sampleCount,
        epochs,
        fc.option(uint32, { nil: undefined }),
        (seed, n, last, generatorSeed) => {
          const given = options(seed, n, 'torch_exact', 'reshuffle');
          const generator = new TorchGenerator(generatorSeed ?? seed);
          const base = generator.random63();
          for (let epoch = 0; epoch <= last; epoch++) {
            const order = orderOfEpoch(
              generatorSeed === undefined ? given : { ...given, generatorSeed },
              epoch,
              'once',
            );
            expect(order.baseSeed).toBe(base);
            const ofSampler = generatorSeed === undefined ? new TorchGenerator(generator.random63()) : generator;
            expect(order.indices).toEqual(ofSampler.randperm(n));
            if (generatorSeed !== undefined) generator.randperm(n);
          }
        },
      ),
    );
  });

  it('fixed is a DistributedSampler without set_epoch: Generator(seed).randperm, and base seeds that nothing disturbs', () => {
    fc.assert(
      fc.property(uint32, sampleCount, epochs, fc.option(uint32, { nil: undefined }), (seed, n, epoch, generator) => {
        const given = options(seed, n, 'torch_exact', 'fixed');
        const order = orderOfEpoch(generator === undefined ? given : { ...given, generatorSeed: generator }, epoch);
        expect(order.indices).toEqual(new TorchGenerator(seed).randperm(n));
        expect(order.baseSeed).toBe(baseSeed(generator ?? seed, epoch));
      }),
    );
  });

  it('reshuffle with a generator reads base seed, order and one more shuffle from it, epoch after epoch', () => {
    fc.assert(
      fc.property(uint32, uint32, sampleCount, epochs, (seed, generatorSeed, n, last) => {
        const generator = new TorchGenerator(generatorSeed);
        for (let epoch = 0; epoch <= last; epoch++) {
          const order = orderOfEpoch({ ...options(seed, n, 'torch_exact', 'reshuffle'), generatorSeed }, epoch);
          expect(order.baseSeed).toBe(generator.random63());
          expect(order.indices).toEqual(generator.randperm(n));
          generator.randperm(n);
        }
      }),
    );
  });
});
