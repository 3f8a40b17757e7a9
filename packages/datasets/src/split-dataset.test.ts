import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SplitSizeError } from './errors.ts';
import { type Dataset, loadDataset } from './load-dataset.ts';
import { imageOffset } from './labelled-images.ts';
import { type Split, splitDataset, type SplitSizes } from './split-dataset.ts';

interface GoldenSplit {
  firstIndices: number[];
  firstLabels: number[];
  images: string;
  labels: string;
}
const golden = JSON.parse(readFileSync(new URL('../golden/mnist-splits.json', import.meta.url), 'utf8')) as {
  cases: { sizes: SplitSizes; train: GoldenSplit; validation: GoldenSplit; test: GoldenSplit }[];
};
const sha256 = (bytes: NodeJS.ArrayBufferView) => createHash('sha256').update(bytes).digest('hex');
const pixelsOf = (split: Split, size: number): Uint8Array =>
  Buffer.concat(
    Array.from(split.labels, (_, i) => {
      const start = imageOffset(split, i, size);
      return split.images.subarray(start, start + size);
    }),
  );
const facts = (split: Split): GoldenSplit => ({
  firstIndices: [...split.indices.subarray(0, 5)],
  firstLabels: [...split.labels.subarray(0, 5)],
  images: sha256(pixelsOf(split, 784)),
  labels: sha256(split.labels),
});

test.each(golden.cases)('the split of MNIST by NumPy, %j', async ({ sizes, train, validation, test: held }) => {
  const splits = splitDataset(await loadDataset('mnist'), sizes);
  expect(facts(splits.train)).toEqual(train);
  expect(facts(splits.validation)).toEqual(validation);
  expect(facts(splits.test)).toEqual(held);
});

/** 12 training and 4 test images of one pixel; pixel = index, label = index mod 3. */
const part = (count: number) => ({
  images: Uint8Array.from({ length: count }, (_, i) => i),
  labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
});
const small: Dataset = { name: 'mnist', imageShape: [1, 1, 1], classes: 3, train: part(12), test: part(4) };
const sizes: SplitSizes = { trainSize: 8, validationSize: 4, testSize: 4, splitSeed: 5 };

test('train and validation share no image, and together use up the file when their sizes add up to it', () => {
  const { train, validation } = splitDataset(small, sizes);
  expect([...train.indices, ...validation.indices].sort((a, b) => a - b)).toEqual([...small.train.images]);
  expect([...pixelsOf(train, 1)]).toEqual([...train.indices]);
  expect([...train.labels]).toEqual([...train.indices].map((index) => index % 3));
});

test('a larger training set only appends, and leaves validation as it is', () => {
  const fewer = splitDataset(small, { ...sizes, trainSize: 3 });
  const more = splitDataset(small, sizes);
  expect([...fewer.train.indices]).toEqual([...more.train.indices.subarray(0, 3)]);
  expect(fewer.validation.indices).toEqual(more.validation.indices);
});

test.each<[change: Partial<SplitSizes>, field: string, limit: number]>([
  [{ trainSize: 9 }, 'trainSize', 8],
  [{ trainSize: 0 }, 'trainSize', 8],
  [{ trainSize: 1.5 }, 'trainSize', 8],
  [{ validationSize: 12 }, 'validationSize', 11],
  [{ testSize: 5 }, 'testSize', 4],
  [{ testSize: Number.NaN }, 'testSize', 4],
])('%j is refused', (change, field, limit) => {
  const split = () => splitDataset(small, { ...sizes, ...change });
  expect(split).toThrow(SplitSizeError);
  expect(split).toThrow(`it must be a whole number from 1 to ${limit}`);
  expect(split).toThrow(field);
});
