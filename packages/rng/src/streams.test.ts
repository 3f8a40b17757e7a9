// The named streams against the same streams recreated in NumPy, and their independence of one another.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SeedOutOfRangeError } from './errors.ts';
import { attackStream, evaluationStream, initStream, orderStream, splitPermutation, spreadSeeds } from './streams.ts';

interface Golden {
  cases: {
    seed: number;
    init: { parameterIndex: number; uniform: number[] }[];
    order: { epoch: number; randperm11: number[] }[];
    attack: { epoch: number; batch: number; replay: number; u32: number[] }[];
    evaluation: { restart: number; image: number; u32: number[] }[];
  }[];
  spread: { master: number; seeds: number[] }[];
  split: { total: number; splitSeed: number; permutation: number[] }[];
}
const golden = JSON.parse(readFileSync(new URL('../golden/streams.json', import.meta.url), 'utf8')) as Golden;

function words(stream: { nextUint32(): number }): number[] {
  return Array.from({ length: 4 }, () => stream.nextUint32());
}

describe.each(golden.cases)('streams of seed $seed', ({ seed, init, order, attack, evaluation }) => {
  it.each(init)('init of parameter $parameterIndex', ({ parameterIndex, uniform }) => {
    const stream = initStream(seed, parameterIndex);
    expect(uniform.map(() => stream.uniform(-0.25, 0.25))).toEqual(uniform);
  });
  it.each(order)('order of epoch $epoch', ({ epoch, randperm11 }) => {
    expect(Array.from(orderStream(seed, epoch).randperm(11))).toEqual(randperm11);
  });
  it.each(attack)('attack on batch $batch of epoch $epoch, replay $replay', ({ epoch, batch, replay, u32 }) => {
    expect(words(attackStream(seed, epoch, batch, replay))).toEqual(u32);
  });
  it.each(evaluation)('evaluation of image $image, restart $restart', ({ restart, image, u32 }) => {
    expect(words(evaluationStream(seed, restart, image))).toEqual(u32);
  });
});

describe('seeds and splits', () => {
  it.each(golden.spread)('spreads the seeds of master $master', ({ master, seeds }) => {
    expect(spreadSeeds({ count: seeds.length, master })).toEqual(seeds);
  });
  it.each(golden.split)('splits $total images by seed $splitSeed', ({ total, splitSeed, permutation }) => {
    expect(Array.from(splitPermutation(total, splitSeed))).toEqual(permutation);
  });
  it('splits by seed 0 unless told otherwise', () => {
    expect(splitPermutation(20)).toEqual(splitPermutation(20, 0));
  });
});

describe('stream words', () => {
  it('are refused outside 32 bits, by name', () => {
    expect(() => orderStream(-1, 0)).toThrow(SeedOutOfRangeError);
    expect(() => orderStream(0, 0.5)).toThrow('epoch is 0.5');
    expect(() => attackStream(0, 0, 2 ** 32, 0)).toThrow('batch');
    expect(() => spreadSeeds({ count: 1, master: -1 })).toThrow('master');
  });
});
