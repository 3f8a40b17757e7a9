// The named streams against the same streams recreated in NumPy, and their independence of one another.
import { describe, expect, it } from 'vitest';
import { SeedOutOfRangeError } from './errors.ts';
import { GoldenFile } from './golden-entries.ts';
import { NumpyRandomState } from './numpy-random-state.ts';
import { SeedSequence, seedWords } from './seed-sequence.ts';
import {
  attackNormalStream,
  attackStream,
  dropoutStream,
  evaluationStream,
  initStream,
  orderStream,
  STREAM_TAGS,
  splitPermutation,
  spreadSeeds,
} from './streams.ts';
import { TorchGenerator } from './torch-generator.ts';

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
const golden = GoldenFile.open<Golden>('streams', [
  'seed',
  'parameterIndex',
  'epoch',
  'batch',
  'replay',
  'restart',
  'image',
  'master',
  'total',
  'splitSeed',
  'numpy',
]);

function words(stream: { nextUint32(): number }): number[] {
  return Array.from({ length: 4 }, () => stream.nextUint32());
}

describe.each(golden.content.cases.map((streams, index) => ({ ...streams, index })))(
  'streams of seed $seed',
  (streams) => {
    const { seed, index } = streams;
    it.each(streams.init.map((entry, i) => ({ ...entry, i })))('init of parameter $parameterIndex', (entry) => {
      const stream = initStream(seed, entry.parameterIndex);
      const drawn = entry.uniform.map(() => stream.uniform(-0.25, 0.25));
      golden.compare(['cases', index, 'init', entry.i, 'uniform'], drawn);
    });
    it.each(streams.order.map((entry, i) => ({ ...entry, i })))('order of epoch $epoch', ({ epoch, i }) => {
      const order = Array.from(orderStream(seed, epoch).randperm(11));
      golden.compare(['cases', index, 'order', i, 'randperm11'], order);
    });
    it.each(streams.attack.map((entry, i) => ({ ...entry, i })))(
      'attack on batch $batch of epoch $epoch, replay $replay',
      ({ epoch, batch, replay, i }) => {
        golden.compare(['cases', index, 'attack', i, 'u32'], words(attackStream(seed, epoch, batch, replay)));
      },
    );
    it.each(streams.attack)('a normal start on batch $batch is NumPy’s stream of the same words', (entry) => {
      const { epoch, batch, replay } = entry;
      const words32 = new SeedSequence([seed, 0x80000004, epoch, batch, replay]).generateState(4);
      const [stream, expected] = [attackNormalStream(seed, epoch, batch, replay), new NumpyRandomState(words32)];
      for (let i = 0; i < 5; i++) expect(stream.standardNormal()).toBe(expected.standardNormal());
    });
    it.each(streams.evaluation.map((entry, i) => ({ ...entry, i })))(
      'evaluation of image $image, restart $restart',
      ({ restart, image, i }) => {
        golden.compare(['cases', index, 'evaluation', i, 'u32'], words(evaluationStream(seed, restart, image)));
      },
    );
  },
);

describe('seeds and splits', () => {
  it.each(golden.content.spread.map((entry, i) => ({ ...entry, i })))(
    'spreads the seeds of master $master',
    ({ master, seeds, i }) => {
      golden.compare(['spread', i, 'seeds'], spreadSeeds({ count: seeds.length, master }));
    },
  );
  it.each(golden.content.split.map((entry, i) => ({ ...entry, i })))(
    'splits $total images by seed $splitSeed',
    ({ total, splitSeed, i }) => {
      golden.compare(['split', i, 'permutation'], Array.from(splitPermutation(total, splitSeed)));
    },
  );
  it('splits by seed 0 unless told otherwise', () => {
    expect(splitPermutation(20)).toEqual(splitPermutation(20, 0));
  });
});

it('compares every entry of streams.json', () => {
  expect(golden.uncompared).toEqual([]);
});

describe('stream words', () => {
  it('are refused outside 32 bits, by name', () => {
    expect(() => orderStream(-1, 0)).toThrow(SeedOutOfRangeError);
    expect(() => orderStream(0, 0.5)).toThrow('epoch is 0.5');
    expect(() => attackStream(0, 0, 2 ** 32, 0)).toThrow('batch');
    expect(() => dropoutStream(0, 0, 0, -1)).toThrow('layer');
    expect(() => spreadSeeds({ count: 1, master: -1 })).toThrow('master');
  });
});

it('dropout streams are T32(S, DROPOUT, e, b, layer), apart from attack streams', () => {
  const expected = new TorchGenerator(seedWords([7, STREAM_TAGS.dropout, 1, 2, 3])[0]);
  const stream = dropoutStream(7, 1, 2, 3);
  expect(words(stream)).toEqual(words(expected));
  expect(words(dropoutStream(7, 1, 2, 0))).not.toEqual(words(attackStream(7, 1, 2, 0)));
});
